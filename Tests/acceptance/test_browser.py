"""The pages in a real browser: on a phone, with and without scripts, and for the one who comes too late."""

import pytest

from harness.browser import DESKTOP, PHONE, Reader


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


@pytest.mark.parametrize("scripts", ["with scripts", "without"])
def test_log_in_and_decide(desk, browsers, scripts):
    """Each of the three buttons, by keyboard alone."""
    for verdict, state in (("approve", "released"), ("reject", "rejected"), ("reject_pause", "rejected")):
        pausing = verdict == "reject_pause"
        bot = desk.create_key("propose", f"pausable-{'on' if scripts == 'with scripts' else 'off'}-{verdict}")
        desk.keys["pausable"] = bot
        proposal = desk.api("pausable").propose(desk.draft("MSFT"))
        reader = Reader(browsers(scripts), desk, DESKTOP).open(f"/proposals/{proposal['id']}")
        assert "MSFT" not in reader.text, "a stranger is shown the trade"
        reader.fill("main input[name=name]", "bob").fill("input[type=password]", desk.pins["bob"])
        reader.press("main button")
        assert "BUY 3 MSFT LIMIT" in reader.text and "You decide as bob" in reader.text
        reader.fill("[name=comment]", f"decided {verdict}")
        reader.press(f"button[name=verdict][value={verdict}]")
        assert f"by bob" in reader.text and f"decided {verdict}" in reader.text
        seen = desk.api("read").proposal(proposal["id"])
        assert seen["state"] == state and seen["decisions"][0]["comment"] == f"decided {verdict}"
        assert not reader.has("button[name=verdict]")
        if pausing:
            halts = desk.api("read").read("/halts")["items"]
            paused = [each for each in halts if each["target"].startswith("pausable-") and not each["cleared_at"]]
            assert paused, halts
            for each in paused:
                desk.api("oscar").send(f"/halts/{each['id']}/clear", {"reason": "the test is over"})
        assert not reader.complaints()


@pytest.mark.parametrize("scripts", ["with scripts", "without"])
def test_a_wrong_pin_five_times_locks(desk, browsers, scripts):
    person = "locked-on" if scripts == "with scripts" else "locked-off"
    desk.add_person(person, "approver")
    reader = Reader(browsers(scripts), desk, PHONE).open("/login")
    for _ in range(5):
        reader.fill("main input[name=name]", person).fill("input[type=password]", "0000000009").press("main button")
        assert reader.find("#problem").text and reader.find("main input[name=name]").get_attribute("value") == person
    reader.fill("input[type=password]", desk.pins[person]).press("main button")
    assert "locked" in reader.text.lower(), reader.text
    assert reader.open("/").has("main input[type=password]"), "somebody locked out is logged in"


@pytest.mark.parametrize("scripts", ["with scripts", "without"])
def test_a_wrong_pin_on_a_link_says_how_many_tries_are_left(desk, browsers, scripts):
    proposal = desk.propose("AMD")
    reader = Reader(browsers(scripts), desk, PHONE).open(desk.review_link(proposal))
    reader.fill("[name=comment]", "typed with care")
    reader.fill("input[name=pin]", "0000000009").press("button[name=verdict][value=approve]")
    assert "tries are left" in reader.find("#pin-fault").text
    assert reader.find("[name=comment]").get_attribute("value") == "typed with care"
    focused = reader.driver.switch_to.active_element.get_attribute("id")
    assert focused == "problem", f"the focus is on {focused}, not on what was wrong"
    assert reader.driver.title.startswith("Error:")
    reader.fill("input[name=pin]", desk.pins["alice"]).press("button[name=verdict][value=reject]")
    assert desk.api("read").proposal(proposal["id"])["state"] == "rejected"
