"""What a worker is sent, judged by the makers of Standard Webhooks, and what it makes of it."""

import base64
import json
import time

import pytest
from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from harness.api import problem
from harness.ports import free_port
from harness.program import Process
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def sent(shared_desk):
    """The order of a proposal that was approved, and the message about it."""
    desk = shared_desk
    proposal = desk.propose("TSLA")
    desk.approve(proposal)
    proposal = desk.wait_order(proposal["id"], "filled")
    message = wait_until(lambda: desk.webhook.about(proposal["order_id"]), "the webhook about the order")[0]
    return proposal, message


def signatures(message, version):
    parts = [part.partition(",") for part in message.headers["webhook-signature"].split()]
    return [base64.b64decode(value) for name, _, value in parts if name == version]


def public_key(desk, use=None):
    """The keys the server says it signs with."""
    keys = desk.api("work").read("/signing-keys")
    return keys.get("items") or keys.get("keys") or keys


def verify_keys(desk):
    found = []
    for key in public_key(desk):
        text = key.get("public_key") or key.get("value")
        text = text.removeprefix("whpk_")
        raw = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text + "=" * (-len(text) % 4))
        found.append(VerifyKey(raw))
    return found


def verifies(keys, message, signature):
    for key in keys:
        try:
            return key.verify(message, signature)
        except BadSignatureError:
            continue
    return None


def test_the_shared_secret_verifies(desk, sent):
    proposal, message = sent
    headers = {name.lower(): value for name, value in message.headers.items()}
    assert headers["webhook-id"] == proposal["order_id"]
    assert abs(int(headers["webhook-timestamp"]) - time.time()) < 300
    document = Webhook(desk.worker_secret).verify(message.body, headers)
    assert document["type"] == "order.released"
    with pytest.raises(WebhookVerificationError):
        Webhook(desk.worker_secret).verify(message.body.replace(b"TSLA", b"NVDA"), headers)
    other = "whsec_" + base64.b64encode(b"x" * 32).decode()
    with pytest.raises(WebhookVerificationError):
        Webhook(other).verify(message.body, headers)


def test_the_servers_key_verifies(desk, sent):
    _, message = sent
    signed = (
        f"{message.headers['webhook-id']}.{message.headers['webhook-timestamp']}.".encode() + message.body
    )
    (signature,) = signatures(message, "v1a")
    assert verifies(verify_keys(desk), signed, signature)
    assert not verifies(verify_keys(desk), signed + b" ", signature)


def test_the_answer_to_a_sync_is_signed_for_its_question(desk):
    """By the manual alone: another library checks what the worker goes by."""
    answer = desk.api("work").send("/worker/sync", {"worker_id": "looking-on", "nonce": "a question of ours ✓"})
    signature = base64.b64decode(answer.pop("signature")["value"])
    assert answer["nonce"] == "a question of ours ✓" and answer["account_number"]

    def text(document):
        return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    signed = "countersign-sync-1\n" + text(answer)
    assert verifies(verify_keys(desk), signed.encode(), signature)
    forged = "countersign-sync-1\n" + text(answer | {"commands": [{"id": "c", "kind": "flatten"}]})
    assert not verifies(verify_keys(desk), forged.encode(), signature)


def test_the_document_says_what_was_approved_by_whom(desk, sent):
    proposal, message = sent
    data = message.json["data"]
    order, approval = data["order"], data["approval"]
    assert order["id"] == proposal["order_id"] and order["proposal_id"] == proposal["id"]
    assert (order["symbol"], order["side"], order["qty"]) == ("TSLA", "buy", proposal["qty"])
    assert (order["type"], order["limit_price"], order["time_in_force"]) == (
        "limit",
        proposal["limit_price"],
        "day",
    )
    assert order["client_order_id"] == desk.order(proposal)["client_order_id"]
    assert approval["order_hash"] == proposal["order_hash"]
    assert [(each["by"], each["verdict"]) for each in approval["decisions"]] == [("alice", "approve")]
    assert approval["expires_at"] > approval["approved_at"]


def test_the_document_is_signed_in_itself(desk, sent):
    """Ed25519 over the canonical JSON of `order` and `approval`: whoever keeps the document can prove it."""
    _, message = sent
    data = dict(message.json["data"])
    signature = data.pop("signature")
    assert signature["alg"] == "ed25519" and signature["key_id"]
    text = signature["value"]
    raw = bytes.fromhex(text) if len(text) == 128 else base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    canonical = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert verifies(verify_keys(desk), canonical, raw)
    data["order"] = {**data["order"], "qty": "300"}
    forged = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    assert not verifies(verify_keys(desk), forged, raw)


def test_only_a_signed_message_is_believed(desk, sent):
    _, message = sent
    import requests

    url = f"http://127.0.0.1:{desk.worker_port}/"
    forged = message.body.replace(b'"qty":"3"', b'"qty":"300"')
    headers = {name: value for name, value in message.headers.items() if name.lower().startswith("webhook-")}
    headers["Content-Type"] = "application/json"
    assert requests.post(url, data=forged, headers=headers, timeout=30).status_code in (400, 401, 403)
    assert requests.post(url, data=message.body, timeout=30).status_code in (400, 401, 403)
    assert requests.post(url, data=message.body, headers=headers, timeout=30).status_code < 300, (
        "a repeat is received"
    )
    client_order_id = message.json["data"]["order"]["client_order_id"]
    assert desk.received(client_order_id)["count"] == 1


def test_a_claim_needs_the_active_worker_and_an_order_that_waits(desk, sent):
    proposal, _ = sent
    quote = {"symbol": "TSLA", "bid": "248", "ask": "249", "at": "2026-01-01T00:00:00Z"}
    answer = desk.api("work").request(
        "POST", f"/api/v1/orders/{proposal['order_id']}/claim", {"worker_id": "intruder", "quote": quote}
    )
    document = problem(answer, (409, 422))
    assert document["status"] in (409, 422)


def test_partial_fills_add_up(desk):
    desk.control("partial-fills", {"qty": "1", "symbol": "AMZN", "hold_rest": True})
    proposal = desk.propose("AMZN", qty="3")
    desk.approve(proposal)
    seen = desk.wait_order(proposal["id"], "partially_filled")
    order = desk.order(seen)
    assert [fill["qty"] for fill in order["fills"]] == ["1"]
    desk.control(f"orders/{order['client_order_id']}/release")
    order = desk.order(desk.wait_order(proposal["id"], "filled"))
    assert sum(int(fill["qty"]) for fill in order["fills"]) == 3
    assert len({fill["execution_id"] for fill in order["fills"]}) == len(order["fills"])


def test_a_refusal_of_the_broker_is_told(desk):
    desk.control(
        "faults",
        {
            "kind": "answer",
            "status": 403,
            "performs": False,
            "symbol": "PLTR",
            "method": "POST",
            "path": "/v2/orders",
            "body": {"code": 40310000, "message": "insufficient buying power"},
        },
    )
    proposal = desk.propose("PLTR")
    desk.approve(proposal)
    seen = desk.wait_order(proposal["id"], "rejected")
    assert "buying power" in json.dumps(desk.order(seen))
    assert desk.received(desk.order(seen)["client_order_id"])["count"] == 1


def test_prices_that_ran_away_are_refused(desk):
    """An approval is of a price: what is far from it when the worker would send is not sent."""
    import copy

    from harness.desk import OPEN_POLICY

    policy = copy.deepcopy(OPEN_POLICY)
    policy["limits"]["max_slippage_pct"] = "0.005"
    desk.command("policy", "apply", desk.file("slippage.json", policy))
    try:
        ask = desk.ask("JPM")
        proposal = desk.propose("JPM", type="market", limit_price=None, reference_price=f"{ask:.2f}")
        desk.control("prices/JPM", {"price": f"{ask * 1.2:.2f}"})
        answer = desk.api("alice").request(
            "POST",
            f"/api/v1/proposals/{proposal['id']}/decisions",
            {"verdict": "approve", "order_hash": proposal["order_hash"]},
        )
        assert answer.status_code < 500
        seen = wait_until(
            lambda: (lambda p: p if p["state"] == "refused" or p.get("order_state") == "refused" else None)(
                desk.api("read").proposal(proposal["id"])
            ),
            "the order is refused",
            20,
        )
        if seen.get("order_id"):
            assert desk.received(desk.order(seen)["client_order_id"])["count"] == 0
    finally:
        desk.command("policy", "apply", desk.file("policy.json", OPEN_POLICY))


def test_a_live_worker_does_nothing_for_a_paper_deployment(shared_desk):
    """Orders are signed with their mode, commands are not: it must not even get the lease."""
    desk = shared_desk
    environment = desk.worker_environment(
        free_port(), COUNTERSIGN_MODE="live", LIVE_TRADING_ENABLED="true", COUNTERSIGN_WORKER_ID="live-one"
    )
    worker = Process("live-worker", ("worker",), environment, desk.directory, desk.directory / "live-worker.log")
    worker.start()
    try:
        wait_until(lambda: "account-mismatch" in worker.tail(), "the live worker says why it does nothing")
        assert "worker.active" not in worker.tail()
        assert desk.api("read").read("/trading/status")["worker"]["id"] != "live-one"
    finally:
        worker.stop()
