"""No order at the broker without people's approval of exactly it, none twice, none lost."""

import hashlib
import json

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

DECIDERS = ("approver", "operator", "admin")
ENDS = set("rejected expired withdrawn cancelled refused lapsed revoked blocked released".split())
ORDER_ENDS = set("filled canceled expired rejected refused lapsed revoked cancelled".split())


def plain(number):
    """A decimal at its shortest, as it stands in the text that is hashed."""
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def terms(row):
    """The order of a proposal's columns, as the canonical order spells it."""
    order = {
        "client_order_id": row["client_order_id"],
        "qty": plain(row["qty"]),
        "side": row["side"],
        "symbol": row["symbol"],
        "time_in_force": row["time_in_force"],
        "type": row["type"],
    }
    for name in ("limit_price", "stop_price"):
        if row[name] is not None:
            order[name] = plain(row[name])
    if row["stop_loss_stop_price"] is not None:
        order["stop_loss"] = {"stop_price": plain(row["stop_loss_stop_price"])}
        if row["stop_loss_limit_price"] is not None:
            order["stop_loss"]["limit_price"] = plain(row["stop_loss_limit_price"])
    if row["take_profit_limit_price"] is not None:
        order["take_profit"] = {"limit_price": plain(row["take_profit_limit_price"])}
    exits = sum(name in order for name in ("stop_loss", "take_profit"))
    return {**order, "order_class": ("simple", "oto", "bracket")[exits]}


def canonical(value):
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def order_hash(row):
    return hashlib.sha256(canonical(terms(row)).encode()).hexdigest()


def judge(evidence):
    """Every broken promise, in words."""
    yield from sent_orders(evidence)
    yield from signatures(evidence)
    yield from claims(evidence)
    yield from endings(evidence)


def sent_orders(evidence):
    taken = {}
    for item in evidence.received:
        id = item["client_order_id"]
        if id not in evidence.by_client_id:
            yield f"I1: the broker got an order that nobody released: {item}"
            continue
        if item["order_id"]:
            taken.setdefault(id, set()).add(item["order_id"])
        order = evidence.by_client_id[id]
        proposal = evidence.proposal[order["proposal_id"]]
        yield from (f"I1: order {id}: {fault}" for fault in unapproved(evidence, proposal, order))
        yield from (f"I1: order {id}: {fault}" for fault in altered(item["body"], proposal))
    for id, orders in taken.items():
        if len(orders) > 1:
            yield f"I2: the broker made {len(orders)} orders of {id}: {orders}"


def unapproved(evidence, proposal, order):
    digest = order_hash(proposal)
    if digest != proposal["order_hash"] or digest != order["order_hash"]:
        yield f"its hash is {order['order_hash']}, but its columns hash to {digest}"
    votes = [vote for vote in evidence.decisions if vote["proposal_id"] == proposal["id"]]
    if any(vote["verdict"] == "reject" for vote in votes):
        yield "it was rejected"
    valid = {
        vote["user_id"]
        for vote in votes
        if vote["verdict"] == "approve"
        and vote["order_hash"] == digest
        and vote["decided_at"] < proposal["expires_at"]
        and vote["role"] in DECIDERS
        and vote["user_id"] != proposal["proposer_user_id"]
    }
    if len(valid) < proposal["approvals_required"]:
        yield f"{len(valid)} valid approvals of {proposal['approvals_required']}"
    told = {
        entry["actor"]
        for entry in evidence.about("proposal", proposal["id"])
        if entry["kind"] == "proposal.approved" and entry["facts"]["order_hash"] == digest
    }
    if len(told) < proposal["approvals_required"]:
        yield f"the journal knows {len(told)} approvals of {proposal['approvals_required']}"


def altered(body, proposal):
    approved = terms(proposal)
    for name in ("symbol", "side", "type", "time_in_force", "qty", "limit_price", "stop_price"):
        if str(body.get(name, "")) != approved.get(name, ""):
            yield f"{name} was sent as {body.get(name)!r}, approved as {approved.get(name)!r}"
    for name in ("stop_loss", "take_profit"):
        if body.get(name) != approved.get(name):
            yield f"{name} was sent as {body.get(name)!r}, approved as {approved.get(name)!r}"


def signatures(evidence):
    keys = {row["key_id"]: VerifyKey(row["public_key"]) for row in evidence.signing_keys}
    told = {item["key_id"] for item in evidence.stage.api("read").read("/signing-keys")["items"]}
    for order in evidence.orders:
        proposal = evidence.proposal[order["proposal_id"]]
        document = json.loads(order["document"])
        try:
            keys[order["key_id"]].verify(order["document"].encode(), bytes(order["signature"]))
        except BadSignatureError:
            yield f"I1: the signature of order {order['id']} is wrong"
        if order["key_id"] not in told:
            yield f"I1: order {order['id']} is signed with a key that the server does not tell"
        signed = {name: document["order"].get(name) for name in terms(proposal)}
        if signed != terms(proposal) or document["approval"]["order_hash"] != order_hash(proposal):
            yield f"I1: order {order['id']} was signed as {signed}, approved as {terms(proposal)}"
        votes = document["approval"]["decisions"]
        if len({vote["by"] for vote in votes}) < proposal["approvals_required"]:
            yield f"I1: order {order['id']} was signed with the approvals {votes}"


def claims(evidence):
    for order in evidence.orders:
        told = [entry["kind"] for entry in evidence.about("order", order["id"])].count("order.claimed")
        if told != order["claim_generation"]:
            yield f"I2: order {order['id']}: generation {order['claim_generation']}, {told} claims told"
        if order["claim_generation"] > 1:
            yield f"I2: order {order['id']} was claimed {order['claim_generation']} times"
        if not order["claimed_at"]:
            sent = [item for item in evidence.received if item["client_order_id"] == order["client_order_id"]]
            yield from (f"I2: an order that nobody claimed was sent: {item}" for item in sent)
            continue
        if order["claimed_at"] >= order["valid_until"]:
            yield f"I4: order {order['id']} was claimed after its approval ran out"
        proposal = evidence.proposal[order["proposal_id"]]
        for halt in evidence.halts:
            if reaches(halt, proposal) and during(halt, order["claimed_at"]):
                yield f"I7: order {order['id']} was claimed at {order['claimed_at']} while halted: {halt}"


def reaches(halt, proposal):
    if halt["allows_reducing"] and proposal["is_reducing"]:
        return False
    target = {"symbol": "symbol", "strategy": "strategy", "bot": "proposer_name"}.get(halt["scope"])
    return target is None or proposal[target] == halt["target"]


def during(halt, moment):
    return halt["opened_at"] < moment and (halt["cleared_at"] is None or moment < halt["cleared_at"])


def endings(evidence):
    for proposal in evidence.proposals:
        if proposal["state"] not in ENDS:
            yield f"a proposal is left {proposal['state']}: {proposal['id']}"
        if proposal["state"] == "released" and proposal["id"] not in evidence.order_of:
            yield f"a released proposal has no order: {proposal['id']}"
        if proposal["state"] in ("refused", "lapsed") and not proposal["reason"]:
            yield f"a proposal was {proposal['state']} for no reason: {proposal['id']}"
    for order in evidence.orders:
        if order["state"] not in ORDER_ENDS:
            yield f"an order is left {order['state']}: {order['id']}"
        if order["state"] in ("rejected", "refused") and not order["reason"]:
            yield f"an order was {order['state']} for no reason: {order['id']}"
        is_unsent = order["state"] in ("refused", "lapsed", "revoked", "cancelled")
        if is_unsent and order["client_order_id"] in evidence.book:
            yield f"an order that was {order['state']} stands in the broker's book: {order['id']}"
