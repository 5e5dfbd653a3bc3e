"""What a worker of one's own tells: what is wrong is named, and a stranger is not heard."""

from datetime import datetime, timedelta, timezone

import pytest

from harness.api import pointers, problem
from harness.waiting import wait_until

WORKER = "of-our-own"
ERROR = {"message": "no"}


def instant(seconds=0):
    at = datetime.now(timezone.utc) + timedelta(seconds=seconds)
    return at.isoformat().replace("+00:00", "Z")


@pytest.fixture(scope="module")
def alone(desks):
    """A desk whose only worker is the judge."""
    desk = desks().set_up(channels=False).start()
    desk.processes["worker"].stop()
    told = desk.api("read").read("/trading/account")
    names = ("account_number", "status", "equity", "cash", "buying_power")
    desk.account = {name: told[name] for name in names}
    wait_until(lambda: sync(desk).json()["lease"]["active"], "the lease", 30)
    return desk


def quote(desk, symbol, **members):
    ask = f"{desk.ask(symbol):.2f}"
    return {"symbol": symbol, "bid": ask, "ask": ask, "quoted_at": instant(), **members}


def sync(desk, **members):
    body = {"worker_id": WORKER, "account": desk.account, "positions": [], "open_orders": [], **members}
    return desk.api("work").request("POST", "/api/v1/worker/sync", body)


def released(desk, symbol="AAPL"):
    sync(desk)
    proposal = desk.propose(symbol, qty="10")
    desk.approve(proposal)
    return desk.api("read").proposal(proposal["id"])["order_id"]


def claim(desk, order, symbol="AAPL", **members):
    body = {"worker_id": WORKER, "quote": quote(desk, symbol, **members)}
    return desk.api("work").request("POST", f"/api/v1/orders/{order}/claim", body)


@pytest.fixture
def claimed(alone):
    order = released(alone)
    answer = claim(alone, order)
    assert answer.status_code == 200, answer.text
    return order


def report(desk, order, worker=WORKER, **members):
    return desk.api("work").request(
        "POST", f"/api/v1/orders/{order}/reports", {"worker_id": worker, **members}
    )


def fill(name, **members):
    return {"execution_id": name, "qty": "10", "price": "190.10", "executed_at": instant(-1), **members}


def test_a_broker_order_means_that_it_was_placed(alone, claimed):
    shown = {"id": f"b-{claimed}", "status": "filled", "filled_qty": "10"}
    order = report(alone, claimed, broker_order=shown, fills=[fill(f"e-{claimed}")]).json()
    assert (order["state"], order["broker_order_id"]) == ("filled", shown["id"])
    order = report(alone, claimed, outcome="rejected", error=ERROR).json()
    assert (order["state"], order["filled_qty"]) == ("filled", "10")


def test_a_stranger_ends_nothing(alone, claimed):
    problem(report(alone, claimed, "w77", outcome="rejected", error=ERROR), 409, "not-active-worker")
    assert alone.api("read").read(f"/orders/{claimed}")["state"] == "submitting"


@pytest.mark.parametrize("year", ["0000", "0001", "9999"])
def test_no_year_is_a_fault_of_the_server(alone, claimed, year):
    at = f"{year}-01-01T00:00:00Z"
    shown = {"id": f"b-{claimed}", "status": "new", "submitted_at": at}
    answers = {
        "/broker_order/submitted_at": report(alone, claimed, broker_order=shown),
        "/fills/0/executed_at": report(alone, claimed, fills=[fill(f"e-{claimed}", qty="1", executed_at=at)]),
        "/quotes/0/quoted_at": sync(alone, quotes=[quote(alone, "MSFT", quoted_at=at)]),
        "/clock/timestamp": sync(alone, clock={"is_open": True, "timestamp": at}),
    }
    for pointer, answer in answers.items():
        if year == "0000" or (year == "9999" and pointer.startswith("/fills")):
            assert pointer in pointers(problem(answer, 422, "validation"))
        else:
            assert answer.status_code == 200, answer.text
    assert sync(alone).status_code == 200


def test_a_misspelt_member_is_named(alone, claimed):
    document = problem(report(alone, claimed, outcome="rejected", error=ERROR, fill=[]), 422, "validation")
    assert pointers(document) == {"/fill"}


@pytest.mark.parametrize(
    ("members", "words"),
    [
        ({"quoted_at": 3600}, "ahead of the server's clock"),
        ({"quoted_at": -30}, "seconds old"),
        ({"bid": "100000"}, "crossed"),
    ],
)
def test_a_claim_is_judged_by_the_quote_that_it_brings(alone, members, words):
    order = released(alone, "MSFT")
    sync(alone, quotes=[quote(alone, "MSFT")])
    told = {name: instant(value) if name == "quoted_at" else value for name, value in members.items()}
    document = problem(claim(alone, order, "MSFT", **told), 409, "refused")
    assert words in document["detail"]
