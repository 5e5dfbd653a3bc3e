"""Whoever comes first wins, whatever server was asked, and all others hear who it was and what it means.

COUNTERSIGN_RACES says how many contests of each kind there are.
"""

import os
from datetime import timezone
from uuid import UUID

import pytest

from chaos import judge_journal
from chaos.evidence import Evidence
from chaos.races import CONTESTS, Races
from harness.ports import free_port

LAST = "last approval against withdrawal"
COUNT = int(os.environ.get("COUNTERSIGN_RACES", "40"))


@pytest.fixture(scope="module")
def races(desks):
    desk = desks().set_up(channels=False)
    desk.start_broker()
    desk.start_server()
    port = free_port()
    desk.start_server("second", port)
    races = Races(desk, [desk.url, f"http://127.0.0.1:{port}"], seed=5)
    races.work()
    return races


@pytest.fixture(scope="module")
def run(races):
    """The contests of all kinds, and then what the database says."""
    ran = {}
    for contest in CONTESTS:
        before = len(races.won), len(races.lost)
        races.run(contest, COUNT)
        ran[contest] = (races.won[before[0] :], races.lost[before[1] :])
    races.evidence = Evidence(races.desk, None)
    return ran


# What each winner's word must have led to.
BECAME = {
    "approve": ("released",),
    "reject": ("rejected",),
    "withdraw": ("withdrawn",),
    "revoke": ("released",),
    "claim": ("released",),
}


@pytest.mark.parametrize("contest", CONTESTS)
def test_exactly_one_wins(races, run, contest):
    won, _ = run[contest]
    winners = {}
    for id, who, what, _, document in won:
        if not document.get("already_claimed"):
            winners.setdefault(id, []).append((who, what))
    for id, several in winners.items():
        assert len(several) == 1, f"{id} was won by {several}"
        proposal = races.evidence.proposal[UUID(id)]
        assert proposal["state"] in BECAME[several[0][1]], (several, proposal)
    for id in {loser[0] for loser in run[contest][1]} - set(winners):
        proposal = races.evidence.proposal[UUID(id)]
        order = races.evidence.order_of.get(UUID(id))
        end = order["state"] if order else proposal["state"]
        assert end in ("expired", "cancelled"), f"nobody was told to have won {id}, and it is {end}"


# How the answer to a loser begins, by what the winner did.
WORDS = {
    "approve": "Already approved by {who} at {at}. ",
    "reject": "Already rejected by {who} at {at}. ",
    "withdraw": "Already withdrawn by propose-key at {at}. ",
    "revoke": "Revoked by {who} at {at}, before the worker took it. ",
    "claim": "Too late: racer claimed this order at {at}. ",
    "expired": "This proposal expired at {at}: nobody answered in time. ",
    "cancelled": "Trading was halted at {at} by {who}; ",
    "order cancelled": "Trading was halted by {who} at {at}, before the worker took it. ",
}


@pytest.mark.parametrize("contest", CONTESTS)
def test_losers_hear_the_truth(races, run, contest):
    """Who won, what they did, and when: by the winner's own answer and the database."""
    won, lost = run[contest]
    winners = {each[0]: each for each in won if not each[4].get("already_claimed")}
    for id, who, what, status, document in lost:
        assert status == 409, (contest, who, what, document)
        proposal, order = races.evidence.proposal[UUID(id)], races.evidence.order_of.get(UUID(id))
        winner, deed = winners[id][1:3] if id in winners else ("oscar", None)
        if what == "approve" and "released" in CONTESTS[contest]:
            # The approval came after the one that had released it.
            winner, deed = "alice", "approve"
        elif deed is None:
            deed = proposal["state"] if order is None else f"order {order['state']}"
        at = {
            "withdraw": lambda: proposal["decided_at"],
            "expired": lambda: proposal["expires_at"],
            "cancelled": lambda: proposal["decided_at"],
            "revoke": lambda: order["finished_at"],
            "claim": lambda: order["claimed_at"],
            "order cancelled": lambda: order["finished_at"],
        }.get(deed, lambda: races.voted_at(proposal["id"], winner))()
        words = WORDS[deed].format(who=winner, at=written(at))
        assert document["detail"].startswith(words), (contest, who, what, words, document)


def written(moment):
    """As the answers write a time."""
    moment = moment.astimezone(timezone.utc)
    digits = "" if not moment.microsecond else f".{moment.microsecond:06d}"
    digits = digits[:4] if digits.endswith("000") else digits
    return moment.strftime("%Y-%m-%dT%H:%M:%S") + digits + "Z"


def test_the_journal_tells_of_one_end_of_each(races, run):
    assert not list(judge_journal.proposals(races.evidence))
    assert not list(judge_journal.decisions(races.evidence))
    assert not list(judge_journal.orders(races.evidence))


def test_nothing_was_decided_after_the_deadline_or_claimed_twice(races, run):
    evidence = races.evidence
    for vote in evidence.decisions:
        assert vote["decided_at"] < evidence.proposal[vote["proposal_id"]]["expires_at"], vote
    for order in evidence.orders:
        assert order["claim_generation"] <= 1, order


def test_both_sides_win_sometimes(races, run):
    """Contests in which one side always wins would prove nothing."""
    if COUNT < 40:
        pytest.skip("too few contests to tell")
    states = {contest: set() for contest in CONTESTS}
    for contest, (won, lost) in run.items():
        for id, *_ in won + lost:
            order = races.evidence.order_of.get(UUID(id))
            proposal = races.evidence.proposal[UUID(id)]
            states[contest].add(order["state"] if order else proposal["state"])
    for contest in ("approval against withdrawal", "approval against expiry", "revocation against claim", LAST):
        assert len(states[contest]) > 1, (contest, states[contest])
