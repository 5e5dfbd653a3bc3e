"""The stop: it acts first, reaches everything, stays, and is lifted by people."""

import psycopg
import pytest

from harness.api import problem
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def stopping(desks):
    return desks().set_up(channels=False).start()


def resume(desk):
    """As few people as the contract asks for: one who asks, and a second one who agrees."""
    for person in ("oscar", "ada"):
        answer = desk.api(person).request("POST", "/api/v1/emergency-resume", {"reason": "all clear"})
        assert answer.status_code in (200, 202, 403, 409), answer.text
        if desk.api("read").read("/trading/status")["trading_state"] == "active":
            return person
    raise AssertionError(f"still halted: {desk.api('read').read('/trading/status')}")


@pytest.fixture(scope="module")
def stopped(stopping):
    """What the stop met: one proposal that waits, one order that nobody has taken yet."""
    desk = stopping
    desk.processes["worker"].stop()
    pending, approved = desk.propose("NVDA"), desk.propose("AAPL")
    approved = desk.approve(approved)
    answer = desk.api("operate").send("/emergency-stop", {"reason": "something is wrong"})
    desk.processes["worker"].start()
    desk.wait_synced()
    return pending, approved, answer


def test_a_stop_answers_with_what_it_cancelled(stopped):
    pending, approved, answer = stopped
    assert pending["id"] in str(answer) and approved["order_id"] in str(answer), answer


def test_a_stop_reaches_everything_at_once(stopping, stopped):
    pending, approved, _ = stopped
    api = stopping.api("read")
    assert api.proposal(pending["id"])["state"] == "cancelled"
    assert api.proposal(approved["id"])["order_state"] == "cancelled"
    status = api.read("/trading/status")
    assert status["trading_state"] == "halted" and status["trading_enabled"] is False and status["halts"]
    assert stopping.received()["count"] == 0


def test_nothing_can_be_decided_or_proposed_while_halted(stopping, stopped):
    pending, _, _ = stopped
    late = stopping.api("alice").request(
        "POST",
        f"/api/v1/proposals/{pending['id']}/decisions",
        {"verdict": "approve", "order_hash": pending["order_hash"]},
    )
    problem(late, 409)
    blocked = stopping.propose("NVDA", state="blocked")
    assert any(check["outcome"] == "fail" and "halt" in check["code"] for check in blocked["checks"])


def test_a_stop_outlives_the_server(stopping):
    desk = stopping
    desk.processes["server"].kill()
    desk.processes["server"].start()
    desk.wait_ready(desk.processes["server"])
    assert desk.api("read").read("/trading/status")["trading_state"] == "halted"


def test_stopping_twice_is_harmless(stopping):
    assert stopping.api("oscar").send("/emergency-stop", {"reason": "again"}) is not None
    assert stopping.api("read").read("/trading/status")["trading_state"] == "halted"


@pytest.mark.parametrize("who", ["alice", "carol", "otto", "propose", "read", "work"])
def test_who_may_not_resume(stopping, who):
    problem(stopping.api(who).request("POST", "/api/v1/emergency-resume", {"reason": "please"}), 403)
    assert stopping.api("read").read("/trading/status")["trading_state"] == "halted"


def test_resume_needs_a_reason(stopping):
    problem(stopping.api("ada").request("POST", "/api/v1/emergency-resume", {}), 422)


def test_who_stopped_does_not_resume_alone(stopping):
    """A second person exists, so the one who stopped is not enough."""
    desk = stopping
    answer = desk.api("oscar").request("POST", "/api/v1/emergency-resume", {"reason": "all clear"})
    assert answer.status_code in (202, 403, 409), answer.text
    assert desk.api("read").read("/trading/status")["trading_state"] == "halted"


def test_after_the_resume_trade_goes_on(stopping):
    desk = stopping
    resume(desk)
    status = desk.api("read").read("/trading/status")
    assert status["trading_state"] == "active" and status["trading_enabled"] is True
    proposal = desk.propose("NVDA")
    desk.approve(proposal)
    desk.wait_order(proposal["id"], "filled")


def test_a_dry_run_stops_nothing(stopping):
    desk = stopping
    proposal = desk.propose("NVDA")
    answer = desk.api("operate").send("/emergency-stop", {"reason": "drill", "dry_run": True})
    assert proposal["id"] in str(answer)
    assert desk.api("read").proposal(proposal["id"])["state"] == "pending"
    assert desk.api("read").read("/trading/status")["trading_state"] == "active"


def test_a_halt_of_one_symbol_leaves_the_others(stopping):
    desk = stopping
    halted, free = desk.propose("MSFT"), desk.propose("AMD")
    halt = desk.api("operate").send(
        "/halts", {"scope": "symbol", "target": "MSFT", "reason": "news"}, status=(200, 201)
    )
    api = desk.api("read")
    assert api.proposal(halted["id"])["state"] == "cancelled"
    assert api.proposal(free["id"])["state"] == "pending"
    desk.propose("MSFT", state="blocked")
    desk.propose("AMD")
    id = halt.get("id") or halt["halt"]["id"]
    cleared = desk.api("ada").request("POST", f"/api/v1/halts/{id}/clear", {"reason": "read it"})
    if cleared.status_code not in (200, 204):
        cleared = desk.api("oscar").request("POST", f"/api/v1/halts/{id}/clear", {"reason": "read it"})
    assert cleared.status_code in (200, 204), cleared.text
    desk.propose("MSFT")


def test_the_command_line_stops_and_resumes(stopping):
    desk = stopping
    desk.client("halt", "--reason", "by hand", key=desk.tokens["oscar"])
    wait_until(
        lambda: desk.api("read").read("/trading/status")["trading_state"] == "halted", "trading is halted"
    )
    status = desk.client("status", "--json", key=desk.keys["read"]).json
    assert status["trading_state"] == "halted"
    desk.client("resume", "--reason", "done", key=desk.tokens["ada"])
    assert desk.api("read").read("/trading/status")["trading_state"] == "active"


def test_a_stop_that_cannot_cancel_everything_says_so_and_finishes_later(stopping):
    """A session of somebody's own keeps one proposal locked for longer than the stop waits."""
    desk = stopping
    locked, free = desk.propose("NVDA"), desk.propose("AMD")
    with psycopg.connect(desk.database.url) as holder:
        holder.execute("SELECT id FROM proposals WHERE id = %s FOR UPDATE", [locked["id"]])
        said = desk.client("emergency-stop", "--reason", "drill", key=desk.tokens["oscar"])
        assert "not everything it reaches is cancelled yet" in said.out, said.out
        api = desk.api("read")
        status = api.read("/trading/status")
        assert status["trading_state"] == "halted" and status["halts"][0]["complete"] is False
        wait_until(
            lambda: api.proposal(free["id"])["state"] == "cancelled", "what is free is cancelled", seconds=60
        )
        assert api.proposal(locked["id"])["state"] == "pending"
        assert "not everything is cancelled yet" in desk.client("status", key=desk.keys["read"]).out
        assert b"halt.incomplete" in desk.processes["server"].log.read_bytes()
    wait_until(lambda: api.proposal(locked["id"])["state"] == "cancelled", "the rest is cancelled", seconds=60)
    wait_until(lambda: api.read("/halts?open=true")["items"][0]["complete"], "the halt is complete", seconds=60)
    resume(desk)


def test_only_what_was_approved_ever_reached_the_broker(stopping):
    desk = stopping
    sent = {item["client_order_id"] for item in desk.received()["items"]}
    orders = desk.api("read").read("/orders?limit=500")["items"]
    assert sent <= {order["client_order_id"] for order in orders if order["state"] == "filled"}
