"""Pictures of the pages for the manual: a desk with samples, headless Chromium, small PNGs."""

import argparse
import io
import tempfile
from pathlib import Path

from PIL import Image

from harness.browser import DESKTOP, PHONE, Reader, chromium
from harness.database import DatabaseServer
from harness.samples import WEEK, fill, sample_desk


def save(png, path, width=None):
    """With few colours, which is enough for text on plain ground."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    if width and image.width > width:
        image = image.resize((width, round(image.height * width / image.width)), Image.Resampling.LANCZOS)
    image.quantize(64, dither=Image.Dither.NONE).save(path, optimize=True)


def manual(reader, samples, target):
    """What the README shows."""
    pending = f"/proposals/{samples.proposals['pending']['id']}"
    reader.log_in("alice")
    reader.wait(lambda: "Moved since" in reader.open(pending).text, "the worker tells the price")
    for name, size, dark, path, whole in (
        ("decision-phone", PHONE, False, pending, False),
        ("decision-phone-dark", PHONE, True, pending, False),
        ("decision", DESKTOP, False, pending, True),
        ("inbox", DESKTOP, False, "/", False),
        ("receipt", DESKTOP, False, f"/proposals/{samples.proposals['filled']['id']}", True),
        ("deliveries", DESKTOP, True, "/deliveries", False),
        ("risk", DESKTOP, False, "/risk", True),
        ("risk-phone", PHONE, False, "/risk", False),
    ):
        reader.resize(size).light(dark).open(path)
        save(reader.capture(whole), target / f"{name}.png", 780)
    reader.driver.delete_all_cookies()
    reader.log_in("oscar")
    reader.resize(DESKTOP).light().open(f"/reviews/{WEEK}")
    save(reader.capture(True), target / "review.png", 780)
    reader.open(f"/reports/weekly/{WEEK}")
    heading = "//h2[.='Profit or loss by day']"
    below_the_bar = "arguments[0].scrollIntoView(); window.scrollBy(0, 20)"
    reader.driver.execute_script(below_the_bar, reader.driver.find_element("xpath", heading))
    # Charts are fetched once they are in sight.
    chart = reader.driver.find_element("xpath", f"{heading}/following::img[1]")
    drawn = "return arguments[0].naturalWidth > 0"
    reader.wait(lambda: reader.driver.execute_script(drawn, chart), "the chart is there")
    save(reader.capture(False), target / "report-weekly.png", 780)


def everything(reader, samples, target):
    """Every page at two widths, light and dark: for those who change them."""
    sizes = {"phone": PHONE, "desktop": DESKTOP}
    paths = {"login": "/login", "link": samples.desk.review_link(samples.proposals["pending"])}
    for stage in (paths, None):
        if stage is None:
            reader.log_in("oscar")
            stage = samples.paths()
        for name, path in stage.items():
            for width, size in sizes.items():
                for dark in (False, True):
                    reader.resize(size).light(dark).open(path)
                    shade = "dark" if dark else "light"
                    save(reader.capture(), target / f"{name}-{width}-{shade}.png")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("target", type=Path)
    parser.add_argument("--all", action="store_true", help="every page, at every width, in light and dark")
    arguments = parser.parse_args()
    arguments.target.mkdir(parents=True, exist_ok=True)
    server = DatabaseServer()
    samples = sample_desk(server.create())
    driver = chromium(tempfile.mkdtemp(prefix="countersign-pictures-"))
    try:
        fill(samples)
        reader = Reader(driver, samples.desk)
        (everything if arguments.all else manual)(reader, samples, arguments.target)
    finally:
        driver.quit()
        samples.desk.close()
        server.close()


if __name__ == "__main__":
    main()
