"""Everything that was decided or happened stands in the journal, once; and the journal is whole."""

import hashlib
import json

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

# How a proposal can leave `pending` or `approved`, as the journal calls it.
ENDS = "rejected expired withdrawn cancelled released refused lapsed revoked"
ENDINGS = {f"proposal.{word}" for word in ENDS.split()}
ORDER_WORDS = {"submitting": "order.claimed"}


def judge(evidence):
    """Every gap, in words."""
    yield from proposals(evidence)
    yield from decisions(evidence)
    yield from orders(evidence)
    yield from halts(evidence)
    yield from chain(evidence)


def proposals(evidence):
    for proposal in evidence.proposals:
        entries = [entry["kind"] for entry in evidence.about("proposal", proposal["id"])]
        beginning = "proposal.blocked" if proposal["state"] == "blocked" else "proposal.created"
        if entries.count(beginning) != 1:
            yield f"I6: proposal {proposal['id']}: {entries}"
        ends = [kind for kind in entries if kind in ENDINGS]
        wanted = [] if proposal["state"] == "blocked" else [f"proposal.{proposal['state']}"]
        if ends != wanted:
            yield f"I4/I6: proposal {proposal['id']} is {proposal['state']}, the journal says {entries}"


def decisions(evidence):
    told = {}
    for entry in evidence.journal:
        if entry["kind"] in ("proposal.approved", "proposal.rejected"):
            key = (entry["subject"], entry["actor"], entry["kind"], entry["facts"]["order_hash"])
            told[key] = told.get(key, 0) + 1
    for vote in evidence.decisions:
        kind = "proposal.approved" if vote["verdict"] == "approve" else "proposal.rejected"
        key = (f"proposal:{vote['proposal_id']}", f"user:{vote['name']}", kind, vote["order_hash"])
        if told.pop(key, 0) != 1:
            yield f"I6: the journal does not tell once of {vote}"
    for key in told:
        yield f"I6: the journal tells of a decision that is not there: {key}"


def orders(evidence):
    for order in evidence.orders:
        kinds = [entry["kind"] for entry in evidence.about("order", order["id"])]
        wanted = ORDER_WORDS.get(order["state"], f"order.{order['state']}")
        if order["state"] != "released" and kinds.count(wanted) != 1:
            yield f"I6: order {order['id']} is {order['state']}, the journal says {kinds}"
        repeated = {kind for kind in kinds if kinds.count(kind) > 1} - {"order.fills"}
        if repeated:
            yield f"I6: order {order['id']} changed twice to the same state: {kinds}"
    told = {
        fill["execution_id"]
        for entry in evidence.journal
        if entry["subject"].startswith("order:")
        for fill in entry["facts"].get("fills") or []
    }
    for fill in evidence.fills:
        if fill["execution_id"] not in told:
            yield f"I6: the journal does not tell of the fill {fill['execution_id']}"


def halts(evidence):
    for halt in evidence.halts:
        kinds = [entry["kind"] for entry in evidence.about("halt", halt["id"])]
        if kinds.count("halt.opened") != 1 or kinds.count("halt.cleared") != (halt["cleared_at"] is not None):
            yield f"I6: halt {halt['id']}: {kinds}"


def netstrings(*texts):
    return b"".join(b"%d:%s," % (len(text.encode()), text.encode()) for text in texts)


def chain(evidence):
    """As docs/journal.md says it can be checked, with nothing of the program's."""
    verified = evidence.stage.command("audit", "verify", code=None)
    if verified.code != 0:
        yield f"I8: audit verify: {verified!r}"
    exported = evidence.stage.command("audit", "export").out
    keys = {row["key_id"]: VerifyKey(row["public_key"]) for row in evidence.signing_keys}
    previous, seen = bytes(32), set()
    for line in map(json.loads, exported.splitlines()):
        if line["type"] == "entry":
            names = ("id", "at", "kind", "actor", "subject", "data")
            fields = [str(len(seen) + 1), *(str(line[name]) for name in names)]
            previous = hashlib.sha256(previous + netstrings(*fields)).digest()
            seen.add(line["id"])
            if line["hash"] != previous.hex():
                yield f"I8: position {line['position']} does not follow from the one before"
        elif line["type"] == "checkpoint":
            yield from checkpoint(line, previous, len(seen), keys)
    missing = {entry["id"] for entry in evidence.journal} - seen
    if missing:
        yield f"I8: {len(missing)} entries are not in the chain: {sorted(missing)[:10]}"


def checkpoint(line, previous, position, keys):
    if (line["position"], line["hash"]) != (position, previous.hex()):
        yield f"I8: the checkpoint at {line['position']} is of another chain"
    text = netstrings(
        "countersign-checkpoint-1", str(line["position"]), line["hash"], line["signed_at"], line["key_id"]
    )
    try:
        keys[line["key_id"]].verify(text, bytes.fromhex(line["signature"]))
    except (KeyError, BadSignatureError):
        yield f"I8: the signature of the checkpoint at {line['position']} is wrong"
