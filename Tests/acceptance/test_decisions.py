"""Deciding: reject, withdraw, revoke, quorum, who may and who may not, and what losers are told."""

import threading

import pytest

from harness.api import problem
from harness.waiting import wait_until


def test_reject_by_the_link(desk):
    proposal = desk.propose("MSFT")
    page = (
        desk.visitor()
        .get(desk.review_link(proposal))
        .decide("reject", pin=desk.pins["alice"], comment="earnings tomorrow")
    )
    assert page.status == 200 and "rejected" in page.text.lower(), page
    seen = desk.wait_state(proposal["id"], "rejected")
    assert seen["order_id"] is None
    (decision,) = seen["decisions"]
    assert (decision["verdict"], decision["comment"]) == ("reject", "earnings tomorrow")


def test_reject_by_a_token_of_ones_own(desk):
    proposal = desk.propose("MSFT")
    assert desk.api("bob").decide(proposal, "reject", comment="no")["state"] == "rejected"
    late = problem(
        desk.api("alice").request(
            "POST",
            f"/api/v1/proposals/{proposal['id']}/decisions",
            {"verdict": "approve", "order_hash": proposal["order_hash"]},
        ),
        409,
        "already-decided",
    )
    assert "bob" in str(late) and "reject" in str(late)


def test_a_wait_ends_with_the_decision(desk):
    proposal = desk.propose("MSFT")
    seen = []
    waiting = threading.Thread(
        target=lambda: seen.append(desk.api("propose").proposal(proposal["id"], wait=60))
    )
    waiting.start()
    desk.api("bob").decide(proposal, "reject")
    waiting.join(10)
    assert seen and seen[0]["state"] == "rejected"


def test_withdraw(desk):
    proposal = desk.propose("MSFT")
    api = desk.api("propose")
    assert api.send(f"/proposals/{proposal['id']}/withdraw")["state"] == "withdrawn"
    problem(api.request("POST", f"/api/v1/proposals/{proposal['id']}/withdraw", {}), 409, "already-decided")
    page = desk.visitor().get(desk.review_link(proposal))
    assert "withdrawn" in page.text.lower()
    assert not any("order_hash" in form.fields for form in page.forms)


def test_another_bot_may_not_withdraw_nor_see_it(desk):
    proposal = desk.propose("MSFT")
    other = desk.create_key("propose", "other-bot")
    desk.keys["other-bot"] = other
    api = desk.api("other-bot")
    assert api.request("POST", f"/api/v1/proposals/{proposal['id']}/withdraw", {}).status_code in (403, 404)
    assert api.request("GET", f"/api/v1/proposals/{proposal['id']}").status_code in (403, 404)
    assert desk.api("read").proposal(proposal["id"])["state"] == "pending"


def test_another_hash_is_another_order(desk):
    proposal = desk.propose("MSFT")
    answer = desk.api("alice").request(
        "POST",
        f"/api/v1/proposals/{proposal['id']}/decisions",
        {"verdict": "approve", "order_hash": "0" * 64},
    )
    problem(answer, 409, "order-changed")
    page = desk.visitor().get(desk.review_link(proposal))
    form = page.form("verdict")
    page = page.client.submit(form, form.button("approve"), pin=desk.pins["alice"], order_hash="1" * 64)
    assert page.status == 409, page
    assert desk.api("read").proposal(proposal["id"])["state"] == "pending"


def test_a_reduced_quantity_is_what_is_sent(desk):
    proposal = desk.propose("AMD", qty="5")
    more = desk.api("alice").request(
        "POST",
        f"/api/v1/proposals/{proposal['id']}/decisions",
        {"verdict": "approve", "order_hash": proposal["order_hash"], "qty": "6"},
    )
    problem(more, (409, 422))
    desk.api("alice").decide(proposal, qty="2")
    seen = desk.wait_order(proposal["id"], "filled")
    body = desk.received(desk.order(seen)["client_order_id"])["items"][0]["body"]
    assert '"2"' in str(body).replace("'", '"')


@pytest.mark.parametrize("person", ["carol", "otto"])
def test_who_only_looks_cannot_decide(desk, person):
    proposal = desk.propose("MSFT")
    for verdict in ("approve", "reject"):
        answer = desk.api(person).request(
            "POST",
            f"/api/v1/proposals/{proposal['id']}/decisions",
            {"verdict": verdict, "order_hash": proposal["order_hash"]},
        )
        problem(answer, 403, "not-allowed")
    visitor = desk.visitor()
    visitor.log_in(person, desk.pins[person])
    page = visitor.get(f"/proposals/{proposal['id']}")
    assert page.status == 200
    assert not any(button[0] == "verdict" for form in page.forms for button in form.buttons)
    assert desk.api("read").proposal(proposal["id"])["state"] == "pending"


def test_the_proposer_never_approves(desk):
    """A person who proposes with a personal token is the proposer, whatever else they may do."""
    proposal = desk.api("ada").propose(desk.draft("MSFT"))
    answer = desk.api("ada").request(
        "POST",
        f"/api/v1/proposals/{proposal['id']}/decisions",
        {"verdict": "approve", "order_hash": proposal["order_hash"]},
    )
    problem(answer, 403, "self-approval")
    visitor = desk.visitor()
    visitor.log_in("ada", desk.pins["ada"])
    page = visitor.get(f"/proposals/{proposal['id']}")
    forms = [form for form in page.forms if any(button[1] == "approve" for button in form.buttons)]
    for form in forms:
        assert visitor.submit(form, form.button("approve"), pin=desk.pins["ada"]).status == 403
    assert desk.api("read").proposal(proposal["id"])["state"] == "pending"


def test_two_people_at_once_one_wins_and_the_other_is_told(desk):
    for _ in range(4):
        proposal = desk.propose("MSFT")
        start, answers = threading.Barrier(2), {}

        def vote(person, verdict, proposal=proposal, start=start, answers=answers):
            api = desk.api(person)
            start.wait()
            answers[person] = api.request(
                "POST",
                f"/api/v1/proposals/{proposal['id']}/decisions",
                {"verdict": verdict, "order_hash": proposal["order_hash"]},
            )

        threads = [
            threading.Thread(target=vote, args=each) for each in (("alice", "approve"), ("bob", "reject"))
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(20)
        assert sorted(answer.status_code for answer in answers.values()) == [200, 409], answers
        winner = next(person for person, answer in answers.items() if answer.status_code == 200)
        loser = next(answer for answer in answers.values() if answer.status_code == 409)
        assert winner in str(problem(loser, 409, "already-decided"))
        state = desk.api("read").proposal(proposal["id"])["state"]
        assert state == ("released" if winner == "alice" else "rejected")


def test_revoke_before_the_claim(desk):
    worker = desk.processes["worker"]
    worker.stop()
    try:
        proposal = desk.propose("MSFT")
        desk.approve(proposal)
        assert desk.api("alice").send(f"/proposals/{proposal['id']}/revoke")
        seen = desk.api("read").proposal(proposal["id"])
        assert seen["order_state"] == "revoked", seen
    finally:
        worker.start()
        desk.wait_synced()
    order = desk.order(seen)
    later = desk.propose("MSFT")
    desk.approve(later)
    desk.wait_order(later["id"], "filled")
    assert desk.received(order["client_order_id"])["count"] == 0


def test_a_revoked_key_opens_nothing(desk):
    key = desk.create_key("read", "passing")
    desk.keys["passing"] = key
    assert desk.api("passing").read("/proposals")
    desk.command("key", "revoke", "passing")
    wait_until(
        lambda: desk.api("passing").request("GET", "/api/v1/proposals").status_code == 401,
        "a revoked key is refused",
    )
