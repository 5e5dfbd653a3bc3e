"""A mail scanner with a whole browser: it follows links, runs scripts and submits every form it finds."""

from urllib.parse import urlsplit

from selenium.common.exceptions import WebDriverException

from harness.browser import DESKTOP, Reader

# What such robots are known to do to a page: fill what is empty, and press everything.
SUBMIT = """
const form = document.forms[arguments[0]];
for (const field of form.elements) {
    if (field.type === 'hidden' || field.tagName === 'BUTTON') continue;
    field.removeAttribute('required');
    if (arguments[2] && !field.value) field.value = 'test';
}
const buttons = [...form.querySelectorAll('button')];
if (buttons.length) form.requestSubmit(buttons[arguments[1] % buttons.length]); else form.submit();
"""


def buttons(reader):
    counts = "return [...document.forms].map(form => Math.max(1, form.querySelectorAll('button').length))"
    return [(form, button) for form, count in enumerate(reader.run(counts)) for button in range(count)]


def links(reader):
    found = reader.run("return [...document.links].map(link => link.href)")
    return {each for each in found if each.startswith(reader.desk.url)}


def test_a_robot_in_a_browser_leaves_it_pending(desk, full_browser):
    proposal = desk.propose("META")
    link = desk.review_link(proposal)
    reader = Reader(full_browser, desk, DESKTOP)
    waiting, seen, sent = [desk.url + link, f"{desk.url}/proposals/{proposal['id']}"], set(), 0
    while waiting:
        address = waiting.pop(0)
        place = urlsplit(address).path
        if place in seen or len(seen) > 40:
            continue
        seen.add(place)
        reader.driver.get(address)
        waiting += sorted(links(reader))
        for form, button in buttons(reader):
            for filled in (False, True):
                reader.driver.get(address)
                try:
                    reader.run(SUBMIT, form, button, filled)
                except WebDriverException:
                    continue
                sent += 1
                waiting += sorted(links(reader))
        # Only five of its wrong PINs count; it must not matter that it goes on.
        assert desk.api("read").proposal(proposal["id"])["state"] == "pending", place
    assert sent >= 6, f"the robot found {sent} buttons only: {seen}"
    after = desk.api("read").proposal(proposal["id"])
    assert after["state"] == "pending" and after["decisions"] == []
