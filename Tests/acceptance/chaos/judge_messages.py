"""Messages went out at least once, and nobody was asked after the end."""

import re
from uuid import UUID

# How long after the end a question may still arrive that was under way when it ended.
UNDER_WAY_SECONDS = 15
PROPOSAL = re.compile(r"/proposals/([0-9a-f-]{36})")


def judge(evidence):
    """Every message that is missing, or came when there was nothing to decide any more."""
    arrived = arrivals(evidence.stage)
    yield from queue(evidence)
    yield from missing(evidence, arrived)
    yield from late_questions(evidence, arrived)
    for double in (evidence.stage.slack, evidence.stage.discord):
        yield from (f"a message was not lawful: {fault}" for fault in double.faults)


def arrivals(stage):
    """For each channel and proposal: when messages came, and whether they asked."""
    found = {}

    def add(channel, text, at, asks):
        named = PROPOSAL.search(text)
        if named:
            found.setdefault((channel, UUID(named.group(1))), []).append((at, asks))

    for item in stage.slack.items:
        text = item.body.decode()
        add("slack", text, item.at, item.json["text"].startswith("PAPER: approve "))
    for item in stage.discord.items:
        text = item.body.decode()
        add("discord", text, item.at, item.json["content"].startswith("PAPER\\: approve "))
    for mail in stage.mail.messages:
        named = mail["X-Countersign-Proposal"]
        if named:
            asks = str(mail["Subject"]).startswith("PAPER: approve ")
            add("email", f"/proposals/{str(named).strip()}", mail.at, asks)
    return found


def queue(evidence):
    told = set()
    for row in evidence.deliveries:
        # Alerts are looked for by the clock, also while this is read.
        if row["state"] in ("queued", "kept") and not row["kind"].startswith("alert-"):
            yield f"a message is left {row['state']}: {row['kind']} {row['id']}"
        if row["state"] == "dead" and row["channel_id"] and row["not_after"] is None:
            yield f"a message was given up: {row['kind']} {row['last_error']}"
        told.add((row["channel"], row["proposal_id"], row["kind"]))
    for proposal in evidence.proposals:
        wanted = ["approval-requested", f"proposal-{proposal['state']}"]
        if proposal["state"] == "blocked":
            continue
        order = evidence.order_of.get(proposal["id"])
        if order and order["state"] in ("filled", "rejected", "refused", "lapsed", "cancelled", "canceled"):
            wanted.append(f"order-{order['state']}")
        for channel in evidence.stage.channels:
            for kind in wanted:
                if (channel, proposal["id"], kind) not in told:
                    yield f"I6: no message {kind} to {channel} about {proposal['id']} was ever queued"


def missing(evidence, arrived):
    sent = {}
    for row in evidence.deliveries:
        if row["state"] == "sent" and row["channel"] and row["proposal_id"]:
            key = (row["channel"], row["proposal_id"])
            sent[key] = sent.get(key, 0) + 1
    for key, count in sent.items():
        if len(arrived.get(key, [])) < count:
            yield f"{count} messages about {key} are recorded as sent, {len(arrived.get(key, []))} arrived"
    for proposal in evidence.proposals:
        for channel in evidence.stage.channels:
            if proposal["state"] != "blocked" and (channel, proposal["id"]) not in arrived:
                yield f"nothing about {proposal['id']} ever came to {channel}"


def late_questions(evidence, arrived):
    """A question that is under way when the end comes may cross it; one begun after it may not."""
    events = evidence.breaker.carried_out
    pauses = [(at, at + event.seconds + 2) for at, event in events if event.kind.startswith("pause")]
    for (channel, id), messages in arrived.items():
        proposal = evidence.proposal[id]
        if not proposal["decided_at"]:
            continue
        end = proposal["decided_at"].timestamp()
        for at, asks in messages:
            paused = sum(max(0, min(at, to) - max(end - 1, since)) for since, to in pauses)
            if asks and at > end + UNDER_WAY_SECONDS + paused:
                yield f"{channel} was asked about {id} {at - end:.1f} s after it was {proposal['state']}"
