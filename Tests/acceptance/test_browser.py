"""The pages in a real browser: on a phone, without JavaScript, and for the one who comes too late."""

from pathlib import Path

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.expected_conditions import staleness_of
from selenium.webdriver.support.ui import WebDriverWait

from harness.program import tool

OUTPUT = Path(__file__).parent / "output"
PHONE, DESKTOP = (390, 844), (1280, 900)


def chromium(directory, scripts):
    options = webdriver.ChromeOptions()
    options.binary_location = tool("chromium", "chromium-browser", "google-chrome")
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--no-first-run",
        "--disable-background-networking",
        f"--user-data-dir={directory}",
    ):
        options.add_argument(argument)
    if not scripts:
        options.add_experimental_option("prefs", {"profile.managed_default_content_settings.javascript": 2})
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    return webdriver.Chrome(options=options, service=Service(tool("chromedriver")))


@pytest.fixture(scope="module")
def plain_browser(tmp_path_factory):
    """JavaScript is off."""
    driver = chromium(tmp_path_factory.mktemp("plain"), scripts=False)
    yield driver
    driver.quit()


@pytest.fixture(scope="module")
def full_browser(tmp_path_factory):
    driver = chromium(tmp_path_factory.mktemp("full"), scripts=True)
    yield driver
    driver.quit()


class Reader:
    """What a person does with a page."""

    def __init__(self, driver, desk, size):
        self.driver, self.desk = driver, desk
        width, height = size
        metrics = {
            "width": width,
            "height": height,
            "deviceScaleFactor": 2 if width < 600 else 1,
            "mobile": width < 600,
        }
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        driver.delete_all_cookies()

    def open(self, path):
        self.driver.get(self.desk.url + path)
        return self

    @property
    def text(self):
        return self.driver.find_element(By.TAG_NAME, "body").text

    def fill(self, selector, text):
        field = self.driver.find_element(By.CSS_SELECTOR, selector)
        field.clear()
        field.send_keys(text)
        return self

    def press(self, selector):
        """As somebody at a keyboard does: it must work without a pointer too."""
        page = self.driver.find_element(By.TAG_NAME, "html")
        self.driver.find_element(By.CSS_SELECTOR, selector).send_keys(Keys.ENTER)
        WebDriverWait(self.driver, 15).until(staleness_of(page))
        return self

    def log_in(self, name):
        self.open("/login").fill("form input[type=text], form input:not([type])", name)
        return self.fill("input[type=password]", self.desk.pins[name]).press("main button, form button")

    def picture(self, name):
        metrics = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})
        size = metrics["cssContentSize"]
        taken = self.driver.execute_cdp_cmd(
            "Page.captureScreenshot",
            {
                "captureBeyondViewport": True,
                "clip": {
                    "x": 0,
                    "y": 0,
                    "width": size["width"],
                    "height": min(size["height"], 6000),
                    "scale": 1,
                },
            },
        )
        import base64

        (OUTPUT / f"{name}.png").write_bytes(base64.b64decode(taken["data"]))
        viewport = metrics["cssLayoutViewport"]["clientWidth"]
        assert size["width"] <= viewport + 1, (
            f"{name} is wider ({size['width']}) than the screen ({viewport})"
        )
        return self

    def complaints(self):
        return [
            entry["message"]
            for entry in self.driver.get_log("browser")
            if entry["level"] == "SEVERE" and "favicon" not in entry["message"]
        ]


def test_approve_on_a_phone_without_scripts(desk, plain_browser):
    proposal = desk.propose(
        "GOOGL",
        stop_loss={"stop_price": f"{desk.ask('GOOGL') * 0.92:.2f}"},
        rationale=(
            "Breaks out of a three-week range on twice its usual volume; earnings are five weeks away."
        ),
    )
    reader = Reader(plain_browser, desk, PHONE).open(desk.review_link(proposal))
    assert "BUY 3 GOOGL LIMIT" in reader.text and proposal["check_code"] in reader.text
    reader.picture("phone-review")
    reader.fill("input[name=pin]", desk.pins["alice"]).press("button[name=verdict][value=approve]")
    assert "approved" in reader.text.lower()
    reader.picture("phone-approved")
    desk.wait_order(proposal["id"], "filled")
    reader.open(desk.review_link(proposal))
    assert "filled" in reader.text.lower()
    reader.picture("phone-receipt")


def test_log_in_inbox_and_reject(desk, full_browser):
    proposal = desk.propose("MSFT", rationale="momentum after the split")
    reader = Reader(full_browser, desk, DESKTOP).open("/login").picture("desktop-login")
    reader.log_in("bob")
    assert "bob" in reader.text.lower() and "MSFT" in reader.text
    reader.picture("desktop-inbox")
    reader.open(f"/proposals/{proposal['id']}")
    assert "BUY 3 MSFT LIMIT" in reader.text
    reader.picture("desktop-proposal")
    reader.fill("[name=comment]", "no news behind it").press("button[name=verdict][value=reject]")
    assert "rejected" in reader.text.lower()
    reader.picture("desktop-rejected")
    assert desk.api("read").proposal(proposal["id"])["state"] == "rejected"
    for path in ("/history", "/orders", "/deliveries"):
        reader.open(path)
        reader.picture("desktop-" + path.strip("/"))
    assert not reader.complaints(), reader.complaints()


def test_the_inbox_on_a_phone(desk, plain_browser):
    desk.propose("MSFT")
    reader = Reader(plain_browser, desk, PHONE)
    reader.log_in("bob").picture("phone-inbox")
    assert "MSFT" in reader.text
    for path in ("/history", "/orders"):
        reader.open(path).picture("phone-" + path.strip("/"))


def test_losing_a_race_shows_who_won(desk, plain_browser):
    proposal = desk.propose("AMD")
    reader = Reader(plain_browser, desk, PHONE).open(desk.review_link(proposal))
    desk.api("bob").decide(proposal, "reject", comment="I was first")
    reader.fill("input[name=pin]", desk.pins["alice"]).press("button[name=verdict][value=approve]")
    text = reader.text.lower()
    assert "rejected" in text and "bob" in text
    reader.picture("phone-too-late")
    assert desk.api("read").proposal(proposal["id"])["state"] == "rejected"


def test_a_wrong_pin_in_a_browser(desk, plain_browser):
    proposal = desk.propose("AMD")
    reader = Reader(plain_browser, desk, PHONE).open(desk.review_link(proposal))
    reader.fill("input[name=pin]", "0000000009").press("button[name=verdict][value=approve]")
    assert "pin" in reader.text.lower()
    reader.picture("phone-wrong-pin")
    assert desk.api("read").proposal(proposal["id"])["state"] == "pending"
    reader.fill("input[name=pin]", desk.pins["alice"]).press("button[name=verdict][value=reject]")
    assert desk.api("read").proposal(proposal["id"])["state"] == "rejected"


def test_every_control_can_be_reached_by_keyboard(desk, full_browser):
    proposal = desk.propose("AMD")
    reader = Reader(full_browser, desk, DESKTOP).open(desk.review_link(proposal))
    names = reader.driver.execute_script("""
        return [...document.querySelectorAll('button, input:not([type=hidden]), textarea, a[href], summary')]
            .filter(each => each.tabIndex < 0).map(each => each.outerHTML)""")
    assert names == []
    languages = reader.driver.execute_script(
        "return [document.documentElement.lang, document.title, "
        "document.querySelectorAll('main').length, "
        "document.querySelectorAll('h1').length]"
    )
    assert languages[0] and languages[1] and languages[2:] == [1, 1], languages
