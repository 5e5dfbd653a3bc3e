"""Processes die at the worst moment: nothing is lost and nothing is sent twice."""

import threading
import time

import pytest

from harness.api import problem
from harness.ports import free_port
from harness.waiting import wait_until


ENDED = ("filled", "canceled", "rejected", "expired", "lapsed")


@pytest.fixture(scope="module")
def crashing(desks):
    return desks().set_up(channels=False).start()


def only_once(desk, proposal, *states):
    """The order comes to an end, and the broker has seen exactly one POST of it."""
    seen = desk.wait_order(proposal["id"], *(states or ("filled",)), seconds=60)
    count = desk.received(desk.order(seen)["client_order_id"])["count"]
    assert count == 1, f"the broker was sent the order {count} times: {seen}"
    return seen


def test_the_server_dies_between_the_approval_and_the_claim(crashing):
    desk = crashing
    desk.processes["worker"].stop()
    proposal = desk.propose("AAPL")
    assert desk.approve(proposal)["state"] == "released"
    desk.processes["server"].kill()
    desk.processes["server"].start()
    desk.wait_ready(desk.processes["server"])
    desk.processes["worker"].start()
    only_once(desk, proposal)


def test_the_worker_dies_while_the_broker_takes_its_time(crashing):
    desk = crashing
    desk.control("faults", {"kind": "delay", "milliseconds": 4000, "symbol": "MSFT", "method": "POST"})
    proposal = desk.propose("MSFT")
    desk.approve(proposal)
    # Not before the broker has it: an order that it never got is not sent again.
    wait_until(lambda: desk.received(proposal["client_order_id"])["count"], "the broker has the order")
    desk.processes["worker"].kill()
    desk.processes["worker"].start()
    only_once(desk, proposal)


@pytest.fixture(scope="module")
def interrupted(crashing):
    """Orders whose worker died right after the claim: some were sent, of some nobody knows."""
    desk, begun = crashing, []
    for _ in range(3):
        proposal = desk.propose("NVDA")
        desk.approve(proposal)
        wait_until(lambda: claimed(desk, proposal), "the order is claimed", 20, interval=0.002)  # noqa: B023
        desk.processes["worker"].kill()
        desk.processes["worker"].start()
        begun.append(proposal)
    return begun


def claimed(desk, proposal):
    return desk.api("read").proposal(proposal["id"])["order_state"] != "released"


@pytest.fixture(scope="module")
def lost(crashing):
    """An order that was cut off before the broker had it. It takes a minute to be sure of that."""
    crashing.control("faults", {"kind": "drop", "performs": False, "symbol": "TSLA", "method": "POST"})
    proposal = crashing.propose("TSLA")
    crashing.approve(proposal)
    return proposal


@pytest.fixture(scope="module", autouse=True)
def begun_first(interrupted, lost):
    """The other crashes happen while these wait for the broker's word."""


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "answer", "status": 504, "performs": True},
        {"kind": "drop", "performs": True},
        {"kind": "truncate"},
    ],
    ids=["504 after acceptance", "cut after acceptance", "half an answer"],
)
def test_the_broker_takes_the_order_and_does_not_say_so(crashing, fault):
    desk = crashing
    desk.control("faults", {**fault, "symbol": "AMD", "method": "POST"})
    proposal = desk.propose("AMD")
    desk.approve(proposal)
    only_once(desk, proposal)


def test_the_broker_is_away_for_a_while(crashing):
    """It takes the order, does not say so, and answers nothing about orders for a while."""
    desk = crashing
    proposal = desk.propose("QQQ")
    fault = {"kind": "answer", "status": 504, "symbol": "QQQ", "method": "POST", "performs": True}
    desk.control("faults", fault)
    desk.control(
        "faults", {**fault, "status": 503, "symbol": None, "method": "GET", "path": "/v2/orders*", "times": 6}
    )
    desk.approve(proposal)
    only_once(desk, proposal)


def test_server_and_worker_die_together(crashing):
    desk = crashing
    proposals = [desk.propose("SPY", qty="1") for _ in range(3)]
    for proposal in proposals:
        desk.approve(proposal)
    desk.processes["server"].kill()
    desk.processes["worker"].kill()
    desk.processes["server"].start()
    desk.wait_ready(desk.processes["server"])
    desk.processes["worker"].start()
    for proposal in proposals:
        seen = desk.wait_order(proposal["id"], *ENDED, seconds=90)
        received = desk.received(desk.order(seen)["client_order_id"])
        assert received["count"] <= 1
        assert (received["count"] == 1) == (seen["order_state"] == "filled"), (received, seen)


def test_the_server_dies_while_bots_propose(crashing):
    """Every proposal that was answered is there; what was not answered is there once or not at all."""
    desk = crashing
    answered, stop = [], threading.Event()

    def bot(number):
        api, count = desk.api("propose"), 0
        while not stop.is_set() and count < 200:
            count += 1
            body = desk_body | {"external_ref": f"bot-{number}-{count}"}
            try:
                answer = api.request(
                    "POST",
                    "/api/v1/proposals",
                    body,
                    headers={"Idempotency-Key": f"bot-{number}-{count}"},
                    timeout=30,
                )
            except OSError:
                return
            if answer.status_code == 201:
                answered.append(answer.json()["id"])

    desk_body = desk.draft("XOM", qty="1")
    bots = [threading.Thread(target=bot, args=(number,)) for number in range(4)]
    for each in bots:
        each.start()
    wait_until(lambda: len(answered) >= 20, "some proposals are answered")
    desk.processes["server"].kill()
    stop.set()
    for each in bots:
        each.join(20)
    desk.processes["server"].start()
    desk.wait_ready(desk.processes["server"])
    api = desk.api("read")
    for id in answered:
        assert api.proposal(id)["state"] == "pending"
    seen, cursor = [], ""
    while cursor is not None:
        page = api.read(f"/proposals?limit=500&symbol=XOM{cursor and '&cursor=' + cursor}")
        seen += [item["external_ref"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert len(seen) == len(set(seen)), "a proposal is there twice"
    assert set(answered) <= {item["id"] for item in api.read("/proposals?limit=500&symbol=XOM")["items"]}


def test_two_servers_one_winner(crashing):
    desk = crashing
    port = free_port()
    desk.start_server("second", port)
    urls = {"alice": desk.url, "bob": f"http://127.0.0.1:{port}"}
    for _ in range(5):
        proposal = desk.propose("GOOG")
        start, answers = threading.Barrier(2), {}

        def vote(person, verdict, proposal=proposal, start=start, answers=answers):
            api = desk.api(person, urls[person])
            start.wait()
            answers[person] = api.request(
                "POST",
                f"/api/v1/proposals/{proposal['id']}/decisions",
                {"verdict": verdict, "order_hash": proposal["order_hash"]},
            )

        voters = [
            threading.Thread(target=vote, args=each) for each in (("alice", "approve"), ("bob", "reject"))
        ]
        for voter in voters:
            voter.start()
        for voter in voters:
            voter.join(20)
        assert sorted(answer.status_code for answer in answers.values()) == [200, 409]
        winner = next(person for person, answer in answers.items() if answer.status_code == 200)
        loser = next(answer for answer in answers.values() if answer.status_code == 409)
        assert winner in str(problem(loser, 409, "already-decided"))
        for url in urls.values():
            state = desk.api("read", url).proposal(proposal["id"])["state"]
            assert state == ("released" if winner == "alice" else "rejected")
    long = desk.propose("GOOG")
    seen = []
    waiting = threading.Thread(
        target=lambda: seen.append(desk.api("read", urls["bob"]).proposal(long["id"], wait=30))
    )
    waiting.start()
    desk.api("alice").decide(long, "reject")
    waiting.join(15)
    assert seen and seen[0]["state"] == "rejected", "a wait at one server ends with a decision at the other"
    desk.processes["second"].stop()


def test_a_second_worker_stands_by_and_takes_over(crashing):
    desk = crashing
    desk.start_worker("standby", port=free_port(), COUNTERSIGN_WORKER_ID="standby")
    proposal = desk.propose("F")
    desk.approve(proposal)
    only_once(desk, proposal)
    desk.processes["worker"].kill()
    proposal = desk.propose("F")
    desk.approve(proposal)
    only_once(desk, proposal)
    desk.processes["standby"].stop()
    desk.processes["worker"].start()


def test_a_database_that_is_away_is_503_at_once_and_work_goes_on_when_it_is_back(crashing):
    desk = crashing
    body, key = desk.draft("XOM"), "sent while the database was away"
    api, reader = desk.api("propose"), desk.visitor()
    reader.log_in("alice", desk.pins["alice"])
    with desk.database.away():
        began = time.monotonic()
        for method, path in (("GET", "/api/v1/proposals"), ("GET", "/api/v1/trading/status")):
            problem(desk.api("read").request(method, path), 503)
        problem(api.request("POST", "/api/v1/proposals", body, headers={"Idempotency-Key": key}), 503)
        assert desk.api().request("GET", "/readyz").status_code == 503
        assert desk.api().request("GET", "/healthz").status_code == 200, "the process itself is well"
        assert reader.get("/").status == 503
        assert time.monotonic() - began < 60, "requests without a database must fail fast"
    desk.wait_ready(desk.processes["server"])
    proposal = api.propose(body, key=key)
    desk.approve(proposal)
    only_once(desk, proposal)


def test_a_graceful_stop_ends_what_is_in_flight(crashing):
    desk = crashing
    proposal = desk.propose("XOM")
    # Nothing tells from outside that a request has begun to wait: where the stop was quicker, the next round waits longer.
    for pause in (0.3, 3, 20):
        seen, failed = [], []

        def wait():
            try:
                seen.append(desk.api("read").proposal(proposal["id"], wait=60))
            except Exception as error:
                failed.append(error)

        waiting = threading.Thread(target=wait, daemon=True)
        waiting.start()
        time.sleep(pause)
        code = desk.processes["server"].stop()
        waiting.join(60)
        assert code == 0, "a stopped server ends well"
        desk.processes["server"].start()
        desk.wait_ready(desk.processes["server"])
        if seen:
            break
    assert seen and seen[0]["state"] == "pending", failed


def test_what_the_worker_died_over_ends_with_the_brokers_word(crashing, interrupted):
    for proposal in interrupted:
        seen = crashing.wait_order(proposal["id"], *ENDED, seconds=120)
        received = crashing.received(crashing.order(seen)["client_order_id"])
        assert received["count"] <= 1, received
        assert (received["count"] == 1) == (seen["order_state"] == "filled"), (received, seen)


def test_what_the_broker_never_got_is_not_sent_blindly(crashing, lost):
    seen = crashing.wait_order(lost["id"], *ENDED, seconds=120)
    items = crashing.received(crashing.order(seen)["client_order_id"])["items"]
    taken = [item for item in items if item["order_id"]]
    assert len(taken) == (1 if seen["order_state"] == "filled" else 0), (items, seen)


def test_the_journal_is_whole_after_all_this(crashing):
    crashing.command("audit", "verify")
