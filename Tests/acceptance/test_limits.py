"""The preset `guarded-5k`, from outside: every check is named, none is hidden by the first failure."""

import copy

import pytest

from harness.desk import OPEN_POLICY
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def guarded(desks):
    """A new paper database with nothing applied: the preset it starts with."""
    desk = desks(policy=None, cash="100000").set_up(people={"alice": "approver"}, channels=False)
    return desk.start()


def entry(desk, symbol, dollars=2000, stop=0.92, **changes):
    ask = desk.ask(symbol)
    qty = max(1, int(dollars / ask))
    body = {"qty": str(qty), "stop_loss": {"stop_price": f"{ask * stop:.2f}"}, **changes}
    return desk.api("propose").propose(desk.draft(symbol, **body))


def failed(proposal):
    return {check["code"] for check in proposal["checks"] if check["outcome"] == "fail"}


def test_a_modest_entry_with_a_stop_passes(guarded):
    proposal = entry(guarded, "NVDA")
    assert proposal["state"] == "pending" and not failed(proposal)
    guarded.api("propose").send(f"/proposals/{proposal['id']}/withdraw")


def test_too_large_and_with_a_distant_stop_names_both(guarded):
    proposal = entry(guarded, "NVDA", dollars=60_000, stop=0.6)
    assert proposal["state"] == "blocked"
    codes = failed(proposal)
    assert len(codes) >= 2, proposal["checks"]
    assert any("position" in code for code in codes) and any("stop" in code for code in codes)
    for check in proposal["checks"]:
        if check["outcome"] == "fail":
            assert check["detail"] and check["limit"] is not None and check["value"] is not None, check


@pytest.mark.parametrize("stop", [0.99, 0.70])
def test_a_stop_outside_its_band(guarded, stop):
    proposal = entry(guarded, "NVDA", stop=stop)
    assert proposal["state"] == "blocked" and any("stop" in code for code in failed(proposal))


def test_the_same_again_within_minutes_is_taken_for_a_double(guarded):
    first = entry(guarded, "MSFT")
    second = entry(guarded, "MSFT")
    assert first["state"] == "pending"
    assert second["state"] == "blocked" and any("duplicate" in code for code in failed(second))
    guarded.api("propose").send(f"/proposals/{first['id']}/withdraw")


def test_pending_proposals_count(guarded):
    """Two new positions a day: those that wait for an answer take their place."""
    made = [entry(guarded, symbol) for symbol in ("AMD", "TSLA", "AAPL")]
    assert [proposal["state"] for proposal in made] == ["pending", "pending", "blocked"]
    assert any("day" in code for code in failed(made[2]))
    for proposal in made[:2]:
        guarded.api("propose").send(f"/proposals/{proposal['id']}/withdraw")


def test_an_entry_without_a_stop_gets_the_policys(guarded):
    proposal = entry(guarded, "QQQ", stop_loss=None)
    assert proposal["state"] == "pending", failed(proposal)
    distance = 1 - float(proposal["stop_loss"]["stop_price"]) / float(proposal["limit_price"])
    assert abs(distance - 0.08) < 0.001
    guarded.api("propose").send(f"/proposals/{proposal['id']}/withdraw")


@pytest.mark.parametrize(
    "changes",
    [
        {"limit_price": "190.123"},
        {"type": "stop", "limit_price": None, "stop_price": "1", "stop_loss": None},
        {"qty": "1.5", "time_in_force": "gtc"},
        {"qty": "1.5", "take_profit": {"limit_price": "250"}},
        {"time_in_force": "ioc", "take_profit": {"limit_price": "250"}},
        {"take_profit": {"limit_price": "100"}},
        {"limit_price": "1000"},
    ],
    ids=str,
)
def test_what_the_broker_would_refuse_is_never_asked(guarded, changes):
    draft = guarded.draft("AAPL", **{"stop_loss": {"stop_price": "175.25"}, **changes})
    headers = {"Idempotency-Key": str(changes)}
    answer = guarded.api("propose").request("POST", "/api/v1/proposals", draft, headers=headers)
    assert answer.status_code == 422 or answer.json()["state"] == "blocked", (changes, answer.text)


def test_a_symbol_that_the_broker_does_not_know_is_not_asked_about(guarded):
    def propose():
        draft = {**guarded.draft("AAPL"), "symbol": "ZZZQ", "stop_loss": {"stop_price": "175.25"}}
        proposal = guarded.api("propose").propose(draft)
        return proposal, next(check for check in proposal["checks"] if check["code"] == "symbol_known")

    first, check = propose()
    assert first["state"] == "pending" and check["outcome"] == "skipped", check
    visitor = guarded.visitor()
    visitor.log_in("alice", guarded.pins["alice"])

    def page():
        return visitor.get(f"/proposals/{first['id']}")

    wait_until(lambda: "does not know ZZZQ" in page().text, "the page says that the broker does not know it")
    assert not any(button[1] == "approve" for form in page().forms for button in form.buttons), page()
    answer = guarded.api("alice").decide(first)
    assert answer["state"] == "refused" and "does not know ZZZQ" in answer["reason"], answer
    again, check = propose()
    assert again["state"] == "blocked" and "does not know ZZZQ" in check["detail"], again
    received = [item["body"]["symbol"] for item in guarded.received()["items"]]
    assert "ZZZQ" not in received


def test_confidence_counts_where_the_policy_says_so(guarded):
    policy = copy.deepcopy(OPEN_POLICY)
    policy["limits"] |= {"min_confidence": 70, "min_catalyst_score": 60}
    guarded.command("policy", "apply", guarded.file("confident.json", policy))
    low = guarded.api("propose").propose(guarded.draft("GOOG", confidence=69, catalyst_score=59))
    assert low["state"] == "blocked"
    assert any("confidence" in code for code in failed(low)) and any(
        "catalyst" in code for code in failed(low)
    )
    high = guarded.api("propose").propose(guarded.draft("GOOG", confidence=70, catalyst_score=60))
    assert high["state"] == "pending", high["checks"]
    none = guarded.api("propose").propose(guarded.draft("GOOG", confidence=None))
    assert none["state"] == "blocked", "no word of confidence is not confidence"


def test_buying_power_is_reserved_by_what_waits(guarded):
    guarded.command("policy", "apply", guarded.file("open.json", OPEN_POLICY))
    ask = guarded.ask("SPY")
    account = guarded.api("read").read("/trading/account")
    qty = int(float(account["buying_power"]) * 0.6 / (ask * 1.003))
    first = guarded.propose("SPY", qty=str(qty))
    second = guarded.api("propose").propose(guarded.draft("SPY", qty=str(qty)))
    assert second["state"] == "blocked", second["checks"]
    guarded.api("propose").send(f"/proposals/{first['id']}/withdraw")
    third = guarded.api("propose").propose(guarded.draft("SPY", qty=str(qty)))
    assert third["state"] == "pending", third["checks"]
