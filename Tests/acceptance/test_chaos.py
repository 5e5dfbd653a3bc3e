"""A short run of ops/chaos with a fixed seed; and that its judges see what they are there to see.

COUNTERSIGN_CHAOS_SEED and COUNTERSIGN_CHAOS_SECONDS have another run.
"""

import copy
import os
from datetime import timedelta

import pytest

from chaos import judge_answers, judge_books, judge_journal, judge_messages, judge_orders, judge_overfills
from chaos.plan import draw
from chaos.run import Run

SEED = int(os.environ.get("COUNTERSIGN_CHAOS_SEED", "301"))
SECONDS = float(os.environ.get("COUNTERSIGN_CHAOS_SECONDS", "20"))


@pytest.fixture(scope="module")
def seen():
    """The run, and what its judges say of evidence that was tampered with."""
    run, found = Run(SEED, SECONDS, every=1.0), {}
    run.run(lambda run: found.update({name: tampered(run, name) for name in TAMPERED}))
    return run, found


def test_every_promise_is_kept_while_things_break(seen):
    run, _ = seen
    assert not run.violations, "\n".join(map(str, [*run.timeline, run.summary, *run.violations]))
    assert run.summary["faults"] >= SECONDS / 4
    assert run.summary["orders"].get("filled"), run.summary
    assert run.summary["overfills"], run.summary


def test_the_same_seed_is_the_same_plan():
    assert draw(11, 60) == draw(11, 60) != draw(12, 60)


# What somebody could have done, who notices, and by which word.


def approval_gone(evidence):
    sent = {item["client_order_id"] for item in evidence.received}
    order = next(order for order in evidence.orders if order["client_order_id"] in sent)
    evidence.decisions = [vote for vote in evidence.decisions if vote["proposal_id"] != order["proposal_id"]]


def approval_late(evidence):
    for vote in evidence.decisions:
        vote["decided_at"] = evidence.proposal[vote["proposal_id"]]["expires_at"]


def approval_of_another_order(evidence):
    for proposal in evidence.proposals:
        proposal["qty"] += 1


def sent_twice(evidence):
    item = next(item for item in evidence.received if item["order_id"])
    evidence.received.append({**item, "order_id": "another"})


def sent_by_nobody(evidence):
    evidence.received.append({**evidence.received[0], "client_order_id": "cs-paper-forged"})


def sent_otherwise(evidence):
    evidence.received[0] = {**evidence.received[0], "body": {**evidence.received[0]["body"], "qty": "1000"}}


def signed_by_another(evidence):
    evidence.orders[0]["signature"] = bytes(64)


def claimed_late(evidence):
    order = next(order for order in evidence.orders if order["claimed_at"])
    order["claimed_at"] = order["valid_until"]


def claimed_while_halted(evidence):
    order = next(order for order in evidence.orders if order["claimed_at"])
    hour = timedelta(hours=1)
    halt = {"scope": "account", "target": "", "allows_reducing": False, "id": "x"}
    halt |= {"opened_at": order["claimed_at"] - hour, "cleared_at": None}
    evidence.halts.append(halt)


def left_unknown(evidence):
    evidence.orders[-1]["state"] = "unknown"


def fill_forgotten(evidence):
    evidence.fills.pop()


def fill_invented(evidence):
    evidence.fills.append({**evidence.fills[0], "execution_id": "invented"})


def position_wrong(evidence):
    evidence.positions = []


def overfilled(evidence):
    """An order of which too much was executed, and the alert that tells it."""
    order, executed = next(judge_overfills.overfills(evidence))
    about = (f"order:{order['id']}", str(executed))
    told = [row for row in evidence.alerts if row["type"] == "overfill"]
    return order, next(row for row in told if (row["subject"], row["evidence"]["executed_qty"]) == about)


def overfill_cut_off(evidence):
    order, _ = overfilled(evidence)
    for fill in evidence.fills:
        if fill["order_id"] == order["id"]:
            fill["qty"] = min(fill["qty"], order["qty"])


def overfill_not_told(evidence):
    evidence.alerts.remove(overfilled(evidence)[1])


def overfill_told_wrongly(evidence):
    _, alert = overfilled(evidence)
    alert["evidence"] = {**alert["evidence"], "excess_qty": "1000"}


def overfill_told_in_passing(evidence):
    overfilled(evidence)[1]["priority"] = "info"


def overfill_not_stopped(evidence):
    order, _ = overfilled(evidence)
    evidence.halts = [row for row in evidence.halts if row["target"] != order["symbol"]]


def overfill_stopped_later(evidence):
    order, alert = overfilled(evidence)
    for halt in evidence.halts:
        if halt["target"] == order["symbol"]:
            halt["opened_at"] = alert["raised_at"] + timedelta(seconds=1)


def overfill_invented(evidence):
    _, alert = overfilled(evidence)
    known = {order["id"] for order, _ in judge_overfills.overfills(evidence)}
    other = next(row for row in evidence.orders if row["id"] not in known)
    evidence.alerts.append({**alert, "subject": f"order:{other['id']}"})


def entry_gone(evidence):
    subject = next(entry["subject"] for entry in evidence.journal if entry["kind"] == "order.filled")
    evidence.entries[subject] = [each for each in evidence.entries[subject] if each["kind"] != "order.filled"]


def two_ends(evidence):
    proposal = next(row for row in evidence.proposals if row["state"] == "released")
    entries = evidence.entries[f"proposal:{proposal['id']}"]
    entries.append({**entries[0], "kind": "proposal.expired"})


def message_lost(evidence):
    evidence.stage.discord.items = evidence.stage.discord.items[:5]


def asked_too_late(evidence):
    for item in evidence.stage.discord.items:
        item.at += 600


def answer_broken(evidence):
    evidence.answers.decided.append((str(evidence.proposals[0]["id"]), "mallory", "approve"))


def told_wrongly(evidence):
    released = next(row for row in evidence.proposals if row["state"] == "released")
    document = {"detail": "it expired"}
    evidence.answers.refused.append((str(released["id"]), "alice", "expired", document))


TAMPERED = {
    change.__name__: (change, judge, word)
    for change, judge, word in (
        (approval_gone, judge_orders, "valid approvals"),
        (approval_late, judge_orders, "valid approvals"),
        (approval_of_another_order, judge_orders, "hash"),
        (sent_twice, judge_orders, "I2"),
        (sent_by_nobody, judge_orders, "nobody released"),
        (sent_otherwise, judge_orders, "was sent as"),
        (signed_by_another, judge_orders, "signature"),
        (claimed_late, judge_orders, "I4"),
        (claimed_while_halted, judge_orders, "I7"),
        (left_unknown, judge_orders, "left unknown"),
        (fill_forgotten, judge_books, "not recorded"),
        (fill_invented, judge_books, "does not know"),
        (position_wrong, judge_books, "positions differ"),
        (overfill_cut_off, judge_overfills, "are recorded"),
        (overfill_not_told, judge_overfills, "0 alerts tell"),
        (overfill_told_wrongly, judge_overfills, "says otherwise"),
        (overfill_told_in_passing, judge_overfills, "only info"),
        (overfill_not_stopped, judge_overfills, "was not stopped"),
        (overfill_stopped_later, judge_overfills, "was not stopped"),
        (overfill_invented, judge_overfills, "knows nothing of"),
        (entry_gone, judge_journal, "I6"),
        (two_ends, judge_journal, "I4"),
        (message_lost, judge_messages, "discord"),
        (asked_too_late, judge_messages, "was asked about"),
        (answer_broken, judge_answers, "was confirmed"),
        (told_wrongly, judge_answers, "was told that"),
    )
}


def tampered(run, name):
    """What the judge says after somebody changed the evidence."""
    change, judge, _ = TAMPERED[name]
    evidence = copy.copy(run.evidence)
    lists = ("proposals", "decisions", "orders", "fills", "halts", "alerts", "received")
    for each in lists:
        setattr(evidence, each, [dict(row) for row in getattr(evidence, each)])
    evidence.proposal = {row["id"]: row for row in evidence.proposals}
    evidence.order_of = {row["proposal_id"]: row for row in evidence.orders}
    evidence.by_client_id = {row["client_order_id"]: row for row in evidence.orders}
    evidence.entries = {subject: list(entries) for subject, entries in evidence.entries.items()}
    evidence.answers = copy.deepcopy(run.answers)
    evidence.stage = Receivers(run.evidence.stage)
    change(evidence)
    return [str(fault) for fault in judge.judge(evidence)]


class Receivers:
    """The stage, with copies of what arrived."""

    def __init__(self, stage):
        self.stage = stage
        self.slack, self.discord = Kept(stage.slack), Kept(stage.discord)
        self.mail = stage.mail

    def __getattr__(self, name):
        return getattr(self.stage, name)


class Kept:
    """What a receiver kept."""

    def __init__(self, double):
        self.items, self.faults = [copy.copy(item) for item in double.items], []


@pytest.mark.parametrize("name", TAMPERED)
def test_a_judge_notices(seen, name):
    run, found = seen
    if run.violations:
        pytest.skip("the run itself failed")
    word = TAMPERED[name][2]
    assert any(word in fault for fault in found[name]), f"nobody noticed: {found[name][:5]}"
