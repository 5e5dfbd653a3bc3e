"""WCAG 2.2 AA over every page, judged by axe-core; and what it cannot see: keyboard, zoom, narrow screens."""

from pathlib import Path

import axe_playwright_python
import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys

from harness.browser import DESKTOP, PHONE, SMALL_PHONE, Reader
from harness.samples import fill, sample_desk
from harness.waiting import wait_until

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text()
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
JUDGE = """
const done = arguments[arguments.length - 1];
axe.run(document, {runOnly: {type: 'tag', values: arguments[0]}, resultTypes: ['violations']})
   .then(result => done({version: result.testEngine.version, found: result.violations.map(
       each => [each.id, each.help, each.nodes.map(node => node.html.slice(0, 160) + ' ' + node.failureSummary)])}))
   .catch(error => done({version: '', found: [['axe', String(error), []]]}));
"""


@pytest.fixture(scope="module")
def samples(desks, database_server):
    made = sample_desk(database_server.create())
    desks.made.append(made.desk)
    return fill(made)


@pytest.fixture(scope="module")
def resting(samples):
    """Nothing more runs out by itself: a page that changes while somebody walks through it would be judged in two halves."""
    api, other = samples.desk.api("bob"), samples.proposals["other"]
    api.decide(other, "reject", status=(200, 409), comment="Not today.")
    wait_until(lambda: api.proposal(other["id"])["state"] in ("rejected", "expired"), "it is over")
    return samples


def judge(reader):
    reader.run(AXE)
    return reader.driver.execute_async_script(JUDGE, TAGS)


def faults(reader, name, path):
    """At three widths, in light and dark."""
    found = []
    for size in (DESKTOP, PHONE, SMALL_PHONE):
        for dark in (False, True):
            reader.resize(size).light(dark).open(path)
            where = f"{name} at {size[0]} in {'dark' if dark else 'light'}"
            verdict = judge(reader)
            assert tuple(int(part) for part in verdict["version"].split(".")[:2]) >= (4, 10), verdict["version"]
            found += [(where, *each) for each in verdict["found"]]
            page, window = reader.widths()
            if page > window + 1:
                found.append((where, f"wider ({page}) than the screen ({window})"))
    return found


def test_no_page_has_a_fault_that_axe_finds(samples, full_browser):
    reader = Reader(full_browser, samples.desk)
    found = []
    strangers = {
        "login": "/login",
        "link": samples.desk.review_link(samples.proposals["pending"]),
        "dead-link": "/r/none",
        "nowhere": "/nowhere",
    }
    for name, path in strangers.items():
        found += faults(reader, name, path)
    reader.driver.delete_all_cookies()
    reader.resize(DESKTOP).log_in("oscar")
    for name, path in samples.paths().items():
        found += faults(reader, name, path)
    reader.driver.delete_all_cookies()
    reader.resize(DESKTOP).log_in("ada")
    for name, path in samples.admin_paths().items():
        found += faults(reader, name, path)
    assert not found, "\n".join(str(each) for each in found[:20])


def test_pages_with_mistakes_have_no_fault_either(samples, full_browser):
    reader = Reader(full_browser, samples.desk)
    link = samples.desk.review_link(samples.proposals["pending"])
    found = []
    for dark in (False, True):
        reader.light(dark).open(link)
        reader.fill("input[name=pin]", "0000000009").press("button[value=approve]")
        found += judge(reader)["found"]
        reader.open("/login").fill("input[name=name]", "x").fill("input[name=pin]", "1").press("main button")
        found += judge(reader)["found"]
        reader.open(link).fill("input[name=pin]", samples.desk.pins["alice"])
        reader.run("document.querySelector('#decision details').open = true")
        reader.fill("input[name=qty]", "many").press("button[value=approve]")
        assert reader.find("#qty-fault").text and reader.find("[name=qty]").get_attribute("aria-invalid") == "true"
        found += judge(reader)["found"]
        reader.driver.delete_all_cookies()
    assert not found, "\n".join(str(each) for each in found)


FOCUS = """
const at = document.activeElement;
const style = getComputedStyle(at), box = at.getBoundingClientRect();
return {what: at.tagName + '#' + at.id + ' ' + (at.name || '') + ' ' + at.textContent.trim().slice(0, 40),
        order: [...document.querySelectorAll('*')].indexOf(at), body: at === document.body,
        outline: style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2,
        inside: box.top < innerHeight && box.bottom > 0, width: box.width, height: box.height,
        inline: style.display === 'inline'};
"""


def walk(reader):
    """Where Tab leads, from the top of the page to its end."""
    reader.run("document.activeElement.blur(); window.scrollTo(0, 0)")
    stops = []
    for _ in range(80):
        ActionChains(reader.driver).send_keys(Keys.TAB).perform()
        stop = reader.run(FOCUS)
        if stop["body"] or (stops and stop["order"] == stops[0]["order"]):
            break
        stops.append(stop)
    return stops


@pytest.mark.parametrize("size", [DESKTOP, SMALL_PHONE], ids=["desktop", "320"])
def test_keyboard_alone_reaches_everything_in_order(resting, full_browser, size):
    reader = Reader(full_browser, resting.desk, DESKTOP)
    reader.log_in("oscar")
    for path in ("/", f"/proposals/{resting.proposals['pending']['id']}", "/history", "/halts"):
        reader.resize(size).open(path)
        stops = walk(reader)
        assert "Skip to the content" in stops[0]["what"], stops[0]
        orders = [stop["order"] for stop in stops]
        assert orders == sorted(orders), f"{path}: Tab goes back and forth: {[stop['what'] for stop in stops]}"
        for stop in stops:
            assert stop["outline"], f"{path}: no visible focus on {stop}"
            assert stop["inside"], f"{path}: the focus is out of sight on {stop}"
            assert stop["inline"] or min(stop["width"], stop["height"]) >= 24, f"{path}: too small: {stop}"
        pressable = reader.run(
            "return [...document.querySelectorAll('main button, main input:not([type=hidden]), main textarea, "
            "main select, main summary, main a[href]')].filter(each => each.checkVisibility()).length"
        )
        inside_main = [stop for stop in stops if "#menu" not in stop["what"]]
        assert len(inside_main) >= pressable, f"{path}: Tab reaches {len(inside_main)} of {pressable}"


def test_the_skip_link_skips(samples, full_browser):
    reader = Reader(full_browser, samples.desk, DESKTOP)
    reader.log_in("oscar")
    ActionChains(reader.driver).send_keys(Keys.TAB).send_keys(Keys.ENTER).perform()
    assert reader.driver.switch_to.active_element.get_attribute("id") == "main"


def test_200_percent_is_no_wider_than_the_screen(samples, full_browser):
    """A window of 1280 at 200 % is one of 640."""
    reader = Reader(full_browser, samples.desk, (640, 450))
    reader.log_in("oscar")
    for name, path in samples.paths().items():
        page, window = reader.open(path).widths()
        assert page <= window + 1, f"{name} is wider ({page}) than the screen ({window})"


def test_the_decision_is_one_step_away_on_a_phone(samples, browsers):
    for scripts in ("with scripts", "without"):
        reader = Reader(browsers(scripts), samples.desk, PHONE)
        reader.log_in("alice")
        reader.open(f"/proposals/{samples.proposals['pending']['id']}")
        seen = "const box = arguments[0].getBoundingClientRect(); return box.top >= 0 && box.bottom <= innerHeight"
        for selector in ("h1", ".deadline", ".tobar a", ".strip strong"):
            assert reader.run(seen, reader.find(selector)), f"{selector} is not on the first screen"
        reader.find(".tobar a").send_keys(Keys.ENTER)
        reader.wait(lambda: reader.run(seen, reader.find("#decide-heading")), "the decision is in sight")
        assert reader.run(seen, reader.find(".strip strong")), "the mode went out of sight"


def test_every_page_says_what_it_is(samples, full_browser):
    reader = Reader(full_browser, samples.desk, DESKTOP)
    reader.log_in("oscar")
    titles = {}
    for name, path in samples.paths().items():
        reader.open(path)
        lang, title, mains, headings = reader.run(
            "return [document.documentElement.lang, document.title, document.querySelectorAll('main').length, "
            "document.querySelectorAll('h1').length]"
        )
        assert lang == "en" and title.endswith("Countersign PAPER") and (mains, headings) == (1, 1), (path, title)
        titles[name] = title
    assert len({titles[name] for name in ("inbox", "orders", "history", "deliveries", "proposal-pending")}) == 5


def test_on_paper_stands_the_receipt_and_nothing_to_press(samples, full_browser):
    reader = Reader(full_browser, samples.desk)
    reader.log_in("alice")
    reader.open(f"/proposals/{samples.proposals['filled']['id']}")
    try:
        reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
        shown = reader.run(
            "return [...document.querySelectorAll('nav, button, input, textarea, .tobar, .skip')]"
            ".filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 80))"
        )
        assert not shown, shown
        colours = reader.run("const s = getComputedStyle(document.body); return [s.color, s.backgroundColor]")
        assert colours[1] in ("rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"), colours
        for words in ("PAPER", "BUY 12 AAPL", "Approved by alice", "Order hash"):
            assert words.lower() in reader.text.lower(), words
    finally:
        reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})


def test_nothing_moves_for_who_wants_no_motion(samples, full_browser):
    reader = Reader(full_browser, samples.desk, DESKTOP)
    features = [{"name": "prefers-reduced-motion", "value": "reduce"}]
    reader.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    reader.log_in("oscar")
    moving = reader.run(
        "return [...document.querySelectorAll('*')].filter(each => { const style = getComputedStyle(each);"
        "return parseFloat(style.transitionDuration) || style.animationName !== 'none' ||"
        "style.scrollBehavior === 'smooth' }).map(each => each.tagName)"
    )
    assert moving == []
