"""A real browser, and what a person does with it."""

import base64
from pathlib import Path

from selenium import webdriver
from selenium.common.exceptions import WebDriverException
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.ui import WebDriverWait

from harness.program import tool

OUTPUT = Path(__file__).resolve().parents[1] / "output"
PHONE, SMALL_PHONE, DESKTOP = (390, 844), (320, 640), (1280, 900)
PATIENCE_SECONDS = 60


def chromium(directory, scripts=True):
    options = webdriver.ChromeOptions()
    options.binary_location = tool("chromium", "chromium-browser", "google-chrome")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        "--hide-scrollbars",
        f"--user-data-dir={directory}",
    ):
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(tool("chromedriver")))


class Reader:
    """A person at a browser, with a window of some size, in a light or a dark room."""

    def __init__(self, driver, desk, size=DESKTOP, dark=False):
        self.driver, self.desk = driver, desk
        driver.get("about:blank")
        driver.delete_all_cookies()
        driver.execute_cdp_cmd("Network.clearBrowserCookies", {})
        self.resize(size).light(dark)

    def resize(self, size):
        width, height = size
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": 2 if width < 600 else 1,
            "mobile": width < 600,
        }
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        return self

    def light(self, dark=False):
        features = [{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
        return self

    def open(self, path):
        self.driver.get(self.desk.url + path)
        return self

    @property
    def text(self):
        return self.run("return document.body.innerText")

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def has(self, selector):
        return bool(self.driver.find_elements(By.CSS_SELECTOR, selector))

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def fill(self, selector, text):
        field = self.find(selector)
        field.clear()
        field.send_keys(text)
        return self

    def press(self, selector):
        """As somebody at a keyboard does: it must work without a pointer too."""
        page = self.find("html").id
        self.find(selector).send_keys(Keys.ENTER)
        return self.wait(lambda: self.find("html").id != page, "another page")

    def wait(self, condition, what):
        """Until it holds; a page that changes just then is asked again."""
        waiting = WebDriverWait(self.driver, PATIENCE_SECONDS, ignored_exceptions=(WebDriverException,))
        waiting.until(lambda _: condition(), what)
        return self

    def wait_text(self, text):
        return self.wait(lambda: text.lower() in self.text.lower(), f"“{text}” on the page")

    def log_in(self, name):
        self.open("/login").fill("main input[name=name]", name)
        return self.fill("input[type=password]", self.desk.pins[name]).press("main button")

    def widths(self):
        """The page's and the window's, in CSS pixels."""
        metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})
        return metrics["cssContentSize"]["width"], metrics["cssLayoutViewport"]["clientWidth"]

    def capture(self, whole=True):
        """The page as PNG: all of it, or what the window shows."""
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(size["height"], 6000), "scale": 1}
        options = {"captureBeyondViewport": True, "clip": clip} if whole else {}
        return base64.b64decode(self.driver.execute_cdp_cmd("Page.captureScreenshot", options)["data"])

    def picture(self, name):
        (OUTPUT / f"{name}.png").write_bytes(self.capture())
        page, window = self.widths()
        assert page <= window + 1, f"{name} is wider ({page}) than the screen ({window})"
        return self

    def complaints(self):
        """What the browser found wrong; a refused form is not a fault of the page."""
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE"
            and "favicon" not in entry["message"]
            and "the server responded with a status of" not in entry["message"]
        ]
