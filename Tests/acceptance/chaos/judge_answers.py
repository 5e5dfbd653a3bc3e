"""What somebody was told is so: what was confirmed is kept, and losers heard the truth."""

from uuid import UUID


def judge(evidence):
    """Every broken word."""
    answers = evidence.answers
    for id in answers.proposed:
        if UUID(id) not in evidence.proposal:
            yield f"proposal {id} was confirmed and is not there"
    keys = [row["idempotency_key"] for row in evidence.proposals]
    if len(keys) != len(set(keys)):
        yield "a proposal that was repeated with its key is there twice"
    votes = {(str(vote["proposal_id"]), vote["name"], vote["verdict"]) for vote in evidence.decisions}
    for vote in answers.decided:
        if vote not in votes:
            yield f"a decision was confirmed and is not there: {vote}"
    for id in answers.withdrawn:
        if evidence.proposal[UUID(id)]["state"] != "withdrawn":
            yield f"I4: proposal {id} was confirmed withdrawn and is {evidence.proposal[UUID(id)]['state']}"
    for id in answers.revoked:
        order = evidence.order_of.get(UUID(id))
        state = order["state"] if order else evidence.proposal[UUID(id)]["state"]
        if state != "revoked":
            yield f"I4: the approval of {id} was confirmed revoked and is {state}"
    known = {str(halt["id"]) for halt in evidence.halts}
    yield from (f"I7: halt {id} was confirmed and is not there" for id in answers.halts if id not in known)
    yield from (fault for refusal in answers.refused for fault in untrue(evidence, votes, *refusal))
    yield from answers.odd


def untrue(evidence, votes, id, who, slug, document):
    state = evidence.proposal[UUID(id)]["state"]
    own = any((id, who, verdict) in votes for verdict in ("approve", "reject"))
    true = {
        "expired": state == "expired",
        "halted": state == "cancelled",
        "already-decided": own or state not in ("pending", "expired", "cancelled"),
    }
    if not true.get(slug, True):
        yield f"I4: {who} was told that {id} is {slug} ({document['detail']}), and it is {state}"
    if slug == "already-decided" and not own:
        names = {name for proposal, name, _ in votes if proposal == id} | {"bot"}
        told = str(document)
        if state in ("released", "rejected", "refused") and not any(name in told for name in names):
            yield f"I4: {who} was not told who decided on {id}: {told}"
