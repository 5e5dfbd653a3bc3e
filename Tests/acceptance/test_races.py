"""Whoever comes first wins, whatever server was asked, and all others hear who it was and what it means.

COUNTERSIGN_RACES says how many contests of each kind there are.
"""

import os
from uuid import UUID

import pytest

from chaos import judge_journal
from chaos.evidence import Evidence
from chaos.races import CONTESTS, Races
from harness.program import free_port

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
# What each state may be told as to those who lost to it.
TOLD = {
    "released": {"already-decided", "claimed", "conflict", "revoked", "halted", "refused", "lapsed"},
    "rejected": {"already-decided"},
    "withdrawn": {"already-decided"},
    "expired": {"expired"},
    "cancelled": {"halted"},
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


@pytest.mark.parametrize("contest", CONTESTS)
def test_losers_hear_the_truth(races, run, contest):
    won, lost = run[contest]
    for id, who, what, status, document in lost:
        assert status == 409, (contest, who, what, document)
        proposal = races.evidence.proposal[UUID(id)]
        slug = document["type"].rpartition("/")[2]
        assert slug in TOLD[proposal["state"]], (contest, who, what, document, proposal["state"])
        winner = next((each for each in won if each[0] == id and each[1] != who), None)
        if slug == "already-decided" and winner and winner[2] in ("approve", "reject"):
            assert winner[1] in document["detail"], (winner, document)
            assert document["state"] in ("released", "rejected", "approved"), document
        if slug == "expired":
            assert "nobody answered" in document["detail"], document


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
    for contest in ("approval against withdrawal", "approval against expiry", "revocation against claim"):
        assert len(states[contest]) > 1, (contest, states[contest])
