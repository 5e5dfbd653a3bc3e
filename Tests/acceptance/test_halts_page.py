"""The page of halts in a real browser: stop, see what closing would do, close with the PIN, follow it, resume."""

import pytest
import requests

from harness.browser import DESKTOP, PHONE, Reader
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def held(desks):
    """A desk of its own that holds two positions."""
    desk = desks().set_up(channels=False).start()
    for symbol in ("NVDA", "AAPL"):
        proposal = desk.propose(symbol, qty="10")
        desk.approve(proposal)
        desk.wait_order(proposal["id"], "filled")
    desk.wait_synced()
    return desk


def sim(desk, path, body):
    answer = requests.post(f"{desk.simulator}/sim/{path}", json=body, timeout=30)
    assert answer.ok, answer.text


def pictures(reader, name):
    """On a phone and at a desk, in a light and in a dark room; nothing is wider than the window."""
    for size, room in ((PHONE, "phone"), (DESKTOP, "desktop")):
        for dark in (False, True):
            reader.resize(size).light(dark).picture(f"{room}-{name}" + ("-dark" if dark else ""))
        page, window = reader.widths()
        assert page <= window, f"{name} is {page} wide in a window of {window}"
    reader.resize(PHONE).light()


def test_closing_everything_on_the_page(held, plain_browser):
    desk = held
    sim(desk, "partial-fills", {"qty": "4", "symbol": "NVDA", "hold_rest": True})
    reader = Reader(plain_browser, desk, PHONE)
    reader.log_in("oscar").open("/halts")
    assert "Nothing is stopped" in reader.text
    assert "sell 10 NVDA" in reader.text and "sell 10 AAPL" in reader.text, reader.text
    pictures(reader, "halts")
    reader.fill("#flatten-reason", "drill").fill("#pin", "000000")
    reader.press("button[name=action][value=flatten]")
    assert desk.api("read").read("/trading/status")["trading_state"] == "active"
    assert len(desk.api("read").read("/positions/active")["items"]) == 2
    pictures(reader, "halts-wrong-pin")
    reader.fill("#flatten-reason", "drill").fill("#pin", desk.pins["oscar"])
    reader.press("button[name=action][value=flatten]")
    assert "Closing everything" in reader.text and "oscar" in reader.text

    def is_partly_closed():
        reader.open("/halts")
        return "6 NVDA" in reader.text

    wait_until(is_partly_closed, "the page shows what is left", 60)
    pictures(reader, "halts-closing")
    keys = {"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": desk.broker_secret()}
    rest = requests.get(f"{desk.simulator}/v2/orders?status=open", headers=keys, timeout=30).json()
    sim(desk, f"orders/{rest[0]['id']}/release", {})

    def is_done():
        reader.open("/halts")
        return "Done " in reader.text

    wait_until(is_done, "the page shows that all is closed", 60)
    pictures(reader, "halts-closed")


def test_resuming_with_half_of_the_limits(held, plain_browser):
    """Who stopped does not resume; who resumes may lower the limits, and pages say so."""
    desk = held
    reader = Reader(plain_browser, desk, PHONE)
    desk.api("operate").send("/emergency-stop", {"reason": "drill"})
    reader.log_in("ada").open("/halts")
    reader.fill("#resume-reason", "looked into").fill("#limits_factor", "0.5")
    reader.press("button[name=action][value=resume]")
    assert "Nothing is stopped" in reader.text
    assert "50% of the policy" in reader.text and "ada" in reader.text, reader.text
    pictures(reader, "halts-resumed")
    proposal = desk.propose("MSFT")
    reader.open(f"/proposals/{proposal['id']}")
    assert "50% of the policy" in reader.text
    pictures(reader, "proposal-lowered")
