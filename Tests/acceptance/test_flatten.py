"""Closing everything, and breakers that stop trading by themselves, with real processes and scripted prices."""

import pytest
import requests

from harness.api import problem
from harness.waiting import wait_until

LOSING = {
    "daily_loss": None,
    "drawdown": None,
    "position_loss": None,
    "execution_failures": None,
    "stale_snapshot": None,
    "reconcile_mismatch": None,
    "consecutive_losses": {"limit": 3},
}


def policy_with(desk, breakers):
    policy = {**desk.policy, "breakers": {**desk.policy["breakers"], **breakers}}
    desk.command("policy", "apply", desk.file("breakers.json", policy))


def sim(desk, path, body):
    answer = requests.post(f"{desk.simulator}/sim/{path}", json=body, timeout=10)
    assert answer.ok, answer.text


def broker(desk, path):
    keys = {"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": desk.broker_secret()}
    return requests.get(f"{desk.simulator}/v2/{path}", headers=keys, timeout=10).json()


def price(desk, symbol, value):
    sim(desk, f"prices/{symbol}", {"price": value})


def status(desk):
    return desk.api("read").read("/trading/status")


def trade(desk, symbol, side, qty, value):
    price(desk, symbol, value)
    limit = str(round(float(value) * (1.004 if side == "buy" else 0.996), 2))
    proposal = desk.propose(symbol, side=side, qty=str(qty), limit_price=limit)
    desk.approve(proposal)
    filled = desk.wait_order(proposal["id"], "filled")
    desk.wait_synced(reports=1)
    return filled


def causes(desk):
    return {halt["cause"] for halt in status(desk)["halts"]}


def resume(desk, **more):
    for person in ("oscar", "ada"):
        answer = desk.api(person).request("POST", "/api/v1/emergency-resume", {"reason": "all clear", **more})
        if answer.status_code == 200:
            return answer.json()
    raise AssertionError(answer.text)


def is_flat(desk):
    return broker(desk, "positions") == [] and broker(desk, "orders?status=open") == []


def wait_command(desk, id, state, seconds=60):
    def find():
        items = desk.api("read").read("/commands?limit=100")["items"]
        found = next(item for item in items if item["id"] == id)
        return found if found["state"] == state else None

    return wait_until(find, f"command {id} is {state}", seconds)


@pytest.fixture
def losing(desks):
    return desks().set_up(channels=False).start()


def test_normal_trading_halts_nothing(losing):
    """Small gains and losses within every limit of the default preset."""
    desk = losing
    preset = desk.command("policy", "presets", "--json").json
    breakers = next(each["document"]["breakers"] for each in preset if each["name"] == "guarded-5k")
    policy_with(desk, breakers)
    for bought, sold in (("100", "101"), ("100", "99.5"), ("100", "102")):
        trade(desk, "NVDA", "buy", 4, bought)
        trade(desk, "NVDA", "sell", 4, sold)
    desk.wait_synced()
    assert status(desk)["trading_state"] == "active", status(desk)
    limits = desk.api("read").read("/risk/limits")["breakers"]
    assert {each["breaker"] for each in limits} >= set(breakers)
    assert all(each["state"] in ("armed", "near", "unknown") for each in limits), limits


def test_a_losing_streak_halts_after_the_third_loss_and_a_restart_keeps_it(losing):
    desk = losing
    policy_with(desk, LOSING)
    for number in range(3):
        assert causes(desk) == set()
        trade(desk, "NVDA", "buy", 4, "100")
        trade(desk, "NVDA", "sell", 4, "99")
    wait_until(lambda: causes(desk) == {"consecutive_losses"}, "the streak halted trading", 60)
    assert status(desk)["trading_state"] == "reducing"
    desk.propose("NVDA", state="blocked")
    desk.processes["server"].kill()
    desk.processes["server"].start()
    desk.wait_ready(desk.processes["server"])
    assert causes(desk) == {"consecutive_losses"}
    key = desk.api("operate").request("POST", "/api/v1/emergency-resume", {"reason": "a key"})
    problem(key, 403, "second-person-required")
    answer = resume(desk, limits_factor="0.5")
    assert answer["limits_lowered"]["factor"] == "0.5"
    assert status(desk)["limits_lowered"]["factor"] == "0.5"
    trade(desk, "NVDA", "buy", 4, "100")
    trade(desk, "NVDA", "sell", 4, "99")
    desk.wait_synced()
    assert causes(desk) == set(), "the row is counted anew after a resume"


def test_high_volatility_halts_the_one_position_and_lets_it_be_reduced(losing):
    desk = losing
    breakers = {**LOSING, "consecutive_losses": None}
    breakers["position_loss"] = {"limit_pct": "0.001", "scope": "symbol", "on_trip": "halt"}
    policy_with(desk, breakers)
    trade(desk, "NVDA", "buy", 1000, "100")
    price(desk, "NVDA", "95")
    price(desk, "NVDA", "104")
    desk.wait_synced()
    price(desk, "NVDA", "88")
    wait_until(lambda: causes(desk) == {"position_loss"}, "the position halted its symbol", 60)
    assert status(desk)["trading_state"] == "active"
    desk.propose("NVDA", state="blocked")
    desk.propose("AMD")
    trade(desk, "NVDA", "sell", 1000, "88")


def test_a_drawdown_of_six_percent_closes_everything(losing):
    desk = losing
    breakers = {**LOSING, "consecutive_losses": None}
    breakers["drawdown"] = {"limit_pct": "0.06", "on_trip": "halt_cancel_flatten"}
    policy_with(desk, breakers)
    trade(desk, "NVDA", "buy", 50000, "100")
    desk.wait_synced()
    price(desk, "NVDA", "88.2")
    desk.wait_synced()
    assert causes(desk) == set(), "5.9 percent is below the limit"
    price(desk, "NVDA", "87.8")
    wait_until(lambda: causes(desk) == {"drawdown"}, "the drawdown halted trading", 60)
    assert status(desk)["trading_state"] == "halted"
    wait_until(lambda: is_flat(desk), "everything is closed", 60)
    id = desk.api("read").read("/commands")["items"][0]["id"]
    assert wait_command(desk, id, "done")["kind"] == "flatten"


def test_a_flatten_survives_a_worker_killed_in_the_middle(losing):
    desk = losing
    trade(desk, "NVDA", "buy", 10, "100")
    trade(desk, "AAPL", "buy", 7, "150")
    sim(desk, "partial-fills", {"qty": "4", "symbol": "NVDA", "hold_rest": True})
    sim(
        desk,
        "faults",
        {
            "kind": "answer",
            "status": 403,
            "method": "DELETE",
            "path": "/v2/positions/AAPL",
            "times": 2,
            "body": {"code": 40310000, "message": "asset is halted"},
        },
    )
    foreseen = desk.client(
        "flatten", "--dry-run", "--reason", "drill", "--json", key=desk.tokens["oscar"]
    ).json
    assert {each["symbol"] for each in foreseen["at_broker"]["would_close"]} == {"NVDA", "AAPL"}
    assert status(desk)["trading_state"] == "active" and len(broker(desk, "positions")) == 2
    answer = desk.client("flatten", "--reason", "fire", "--json", key=desk.tokens["oscar"]).json
    id = answer["command"]["id"]
    wait_until(
        lambda: any(order["symbol"] == "NVDA" for order in broker(desk, "orders?status=open")),
        "NVDA is being closed",
        60,
    )
    desk.processes["worker"].kill()
    desk.processes["server"].kill()
    desk.processes["server"].start()
    desk.wait_ready(desk.processes["server"])
    desk.processes["worker"].start()
    again = desk.api("operate").send("/emergency-stop", {"reason": "again", "flatten": True})
    assert again["command"]["id"] == id, "asking twice is asking once"
    rest = next(order for order in broker(desk, "orders?status=open") if order["symbol"] == "NVDA")
    problem(desk.api("ada").request("POST", "/api/v1/emergency-resume", {"reason": "too early"}), 409)
    sim(desk, f"orders/{rest['id']}/release", {})
    wait_command(desk, id, "done")
    assert is_flat(desk)
    closed = [order for order in broker(desk, "orders?status=closed&limit=500") if order["side"] == "sell"]
    assert sum(float(order["filled_qty"]) for order in closed) == 17, "nothing was closed twice"
    assert resume(desk)["trading_state"] == "active"


def test_one_position_is_closed_and_nothing_else(losing):
    desk = losing
    for symbol in ("NVDA", "AMD"):
        trade(desk, symbol, "buy", 4, "100")
    said = desk.client("flatten", "--symbol", "nvda", "--reason", "news", key=desk.tokens["oscar"], code=None)
    assert said.code == 0 and "close position NVDA" in said.out, repr(said)
    wait_until(
        lambda: [each["symbol"] for each in broker(desk, "positions")] == ["AMD"], "only AMD is held", 60
    )
    assert status(desk)["trading_state"] == "active"
    desk.propose("NVDA")


def test_the_page_closes_everything_only_with_a_pin(losing):
    desk = losing
    trade(desk, "NVDA", "buy", 10, "100")
    desk.wait_synced()
    visitor = desk.visitor()
    visitor.log_in("oscar", desk.pins["oscar"])
    page = visitor.get("/halts")
    form = next(form for form in page.forms if form.password_field())
    wrong = visitor.submit(form, ("action", "flatten"), reason="fire", pin="000000")
    assert wrong.status == 403 and status(desk)["trading_state"] == "active"
    form = next(form for form in wrong.forms if form.password_field())
    visitor.submit(form, ("action", "flatten"), reason="fire", pin=desk.pins["oscar"])
    wait_until(lambda: is_flat(desk), "everything is closed", 60)
    assert "Closing everything" in visitor.get("/halts").html
