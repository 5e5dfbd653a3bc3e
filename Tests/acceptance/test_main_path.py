"""The whole path once, on real parts: propose, ask, decide, release, execute, prove."""

import hashlib
import json
from decimal import Decimal

import pytest

from harness.doubles import html_text, links_in, plain_text, wait_for
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def asked(shared_desk):
    """A proposal that waits, with an entry and a stop."""
    ask = shared_desk.ask("NVDA")
    stop = {"stop_price": f"{ask * 0.92:.2f}"}
    return shared_desk.propose("NVDA", qty="4", stop_loss=stop)


def headline(proposal):
    return f"BUY {proposal['qty']} {proposal['symbol']}"


def test_a_proposal_says_what_was_proposed_and_what_was_checked(asked):
    assert asked["state"] == "pending" and asked["mode"] == "paper"
    assert Decimal(asked["notional"]) == Decimal(asked["qty"]) * Decimal(asked["limit_price"])
    assert len(asked["order_hash"]) == 64 and len(asked["check_code"]) == 6
    assert asked["approvals_required"] == 1 and asked["approvals"] == 0
    assert asked["checks"] and all(
        check["outcome"] in ("pass", "warn", "skipped") for check in asked["checks"]
    )
    assert all({"code", "outcome", "limit", "value", "detail"} <= set(check) for check in asked["checks"])
    assert asked["created_at"].endswith("Z") and asked["expires_at"] > asked["created_at"]
    assert asked["decisions"] == [] and asked["order_id"] is None
    for field in ("qty", "limit_price", "notional"):
        assert isinstance(asked[field], str), f"{field} must be a decimal as a string"


def test_slack_is_asked(desk, asked):
    message = wait_for(desk.slack, asked["check_code"])
    text = json.dumps(message.json, ensure_ascii=False)
    assert headline(asked) in text and "LIMIT" in text
    assert "UTC" in text or "New York" in text, f"no deadline: {text}"
    links = {link for link in links_in(text.replace("\\n", " ")) if desk.url in link}
    assert links == {f"{desk.url}/proposals/{asked['id']}"}
    assert not desk.slack.faults


def test_discord_is_asked(desk, asked):
    message = wait_for(desk.discord, asked["check_code"])
    text = json.dumps(message.json, ensure_ascii=False)
    assert headline(asked) in text and "LIMIT" in text
    links = {link for link in links_in(text.replace("\\n", " ")) if desk.url in link}
    assert links == {f"{desk.url}/proposals/{asked['id']}"}
    assert not desk.discord.faults


def test_the_approver_has_mail(desk, asked):
    link = desk.review_link(asked)
    message = desk.mail.about(asked["check_code"])[0]
    text, html = plain_text(message), html_text(message)
    assert headline(asked) in str(message["Subject"])
    for part in (text, html):
        assert headline(asked) in part and asked["check_code"] in part
        ours = {found for found in links_in(part) if desk.url in found}
        assert ours == {desk.url + link}, f"one Review link, not {ours}"
    assert message.envelope.rcpt_tos == ["alice@example.com"]
    assert message["From"] and message["Date"] and message["Message-ID"]
    assert message["Auto-Submitted"] == "auto-generated"
    assert not message.defects and not any(part.defects for part in message.walk())


def test_nobody_is_asked_twice(desk, asked):
    # A message that is changed in place, because the first price has come, asks nobody again.
    for double in (desk.slack, desk.discord, desk.mail):
        messages = [item for item in double.about(asked["check_code"]) if getattr(item, "method", "POST") == "POST"]
        assert len(messages) == 1, [str(getattr(message, "json", message)) for message in messages]


def test_the_link_shows_the_order_and_takes_the_pin(desk, asked):
    visitor = desk.visitor()
    page = visitor.get(desk.review_link(asked))
    assert page.status == 200, page
    assert headline(asked) in page.text and asked["check_code"] in page.text
    assert "PAPER" in page.text.upper()
    page = page.decide("approve", pin=desk.pins["alice"])
    assert page.status == 200, page
    assert "approved" in page.text.lower() and "alice" in page.text.lower()


def test_the_order_is_filled_and_was_sent_once(desk, asked):
    seen = desk.wait_order(asked["id"], "filled")
    assert seen["state"] == "released" and seen["approvals"] == 1
    (decision,) = seen["decisions"]
    assert (decision["by"], decision["verdict"], decision["method"]) == ("alice", "approve", "pin")
    order = desk.order(seen)
    assert order["client_order_id"].startswith("cs-paper-")
    received = desk.received(order["client_order_id"])
    assert received["count"] == 1
    body = received["items"][0]["body"]
    body = json.loads(body) if isinstance(body, str) else body
    assert (body["symbol"], body["side"], Decimal(str(body["qty"]))) == ("NVDA", "buy", Decimal(asked["qty"]))
    assert Decimal(str(body["limit_price"])) == Decimal(asked["limit_price"])
    assert Decimal(str(body["stop_loss"]["stop_price"])) == Decimal(asked["stop_loss"]["stop_price"])
    assert sum(Decimal(fill["qty"]) for fill in order["fills"]) == Decimal(asked["qty"])


def test_the_link_becomes_the_receipt(desk, asked):
    link = desk.review_link(asked)
    page = desk.visitor().get(link)
    assert page.status == 200 and "approved" in page.text.lower(), page
    assert not any(form.fields.get("order_hash") for form in page.forms), "a decided proposal offers no decision"
    visitor = desk.visitor()
    visitor.log_in("alice", desk.pins["alice"])
    page = visitor.get(link)
    assert "alice" in page.text.lower() and "approved" in page.text.lower()
    assert not any(form.fields.get("order_hash") for form in page.forms), (
        "a decided proposal offers no decision"
    )


def test_the_position_is_there(desk, asked):
    desk.wait_order(asked["id"], "filled")
    wait_until(
        lambda: "NVDA" in json.dumps(desk.api("read").read("/positions/active")), "the account's next report shows it"
    )


def test_inbox_history_and_order_pages(desk, asked):
    visitor = desk.visitor()
    assert visitor.log_in("alice", desk.pins["alice"]).status == 200
    for path in ("/", "/history", "/orders", f"/proposals/{asked['id']}"):
        page = visitor.get(path)
        assert page.status == 200, page
        if path != "/":
            assert "NVDA" in page.text, f"{path} does not show it"


@pytest.fixture(scope="module")
def export(shared_desk, asked):
    shared_desk.wait_order(asked["id"], "filled")
    path = shared_desk.directory / "journal.export"
    shared_desk.command("audit", "export", "--output", path)
    return path


def offline(desk, path, code):
    """Verified without a database that could be asked."""
    nowhere = dict(COUNTERSIGN_DATABASE_URL="postgresql://nobody@127.0.0.1:1/none")
    return desk.command("audit", "verify", path, code=code, **nowhere)


def test_the_journal_verifies(desk, export):
    assert desk.command("audit", "verify").out
    assert desk.command("audit", "verify", "--json").json


def test_an_export_verifies_offline(desk, export):
    offline(desk, export, 0)


def test_an_export_verifies_by_the_manual_alone(desk, export, asked):
    """The chain and the signatures as docs/journal.md describes them, with nothing of the product."""
    from nacl.signing import VerifyKey

    lines = [json.loads(line) for line in export.read_text().splitlines()]
    keys = {key["key_id"]: bytes.fromhex(key["public_key"]) for key in lines[0]["keys"]}
    previous, position, signed = bytes(32), 0, 0
    for line in lines:
        if line["type"] == "entry":
            position += 1
            names = ("id", "at", "kind", "actor", "subject", "data")
            previous = chain(previous, str(position), *(str(line[name]) for name in names))
            assert (line["position"], line["hash"]) == (position, previous.hex())
        elif line["type"] == "checkpoint":
            assert (line["position"], line["hash"]) == (position, previous.hex())
            key = line["key_id"]
            at = line.get("signed_at") or line["at"]
            text = netstrings("countersign-checkpoint-1", str(position), previous.hex(), at, key)
            VerifyKey(keys[key]).verify(text, bytes.fromhex(line["signature"]))
            signed += 1
    assert position and signed, "entries and at least one checkpoint"
    kinds = {line["kind"] for line in lines if asked["id"] in json.dumps(line)}
    assert any(kind.startswith("proposal.") for kind in kinds), kinds


def netstrings(*texts):
    return b"".join(b"%d:%s," % (len(text.encode()), text.encode()) for text in texts)


def chain(previous, *texts):
    return hashlib.sha256(previous + netstrings(*texts)).digest()


@pytest.mark.parametrize("forgery", ["changed", "deleted", "reordered", "cut"])
def test_a_forged_export_is_found_out(desk, export, forgery):
    lines = export.read_text().splitlines(keepends=True)
    entries = [index for index, line in enumerate(lines) if '"type":"entry"' in line.replace(" ", "")]
    middle = entries[len(entries) // 2]
    if forgery == "changed":
        lines[middle] = (
            lines[middle].replace('"actor":"', '"actor":"x', 1).replace('"actor": "', '"actor": "x', 1)
        )
    elif forgery == "deleted":
        del lines[middle]
    elif forgery == "reordered":
        lines[middle], lines[middle - 1] = lines[middle - 1], lines[middle]
    else:
        del lines[middle:]
    offline(desk, desk.file(f"{forgery}.export", "".join(lines)), 1)
