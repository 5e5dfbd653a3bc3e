"""Proofs that are none: forged, cut off, lengthened, swapped, replayed and out of date, one table for each kind."""

import base64
import json
import time
from datetime import datetime, timedelta, timezone

import psycopg
import pytest
import requests
from standardwebhooks.webhooks import Webhook

from chaos.faults import named
from harness.api import problem
from harness.waiting import wait_until

CHANGES = {
    "nothing": lambda own, other: "",
    "cut in half": lambda own, other: own[: len(own) // 2],
    "without its last letter": lambda own, other: own[:-1],
    "without its first letter": lambda own, other: own[1:],
    "a letter more": lambda own, other: own + "A",
    "its last letter changed": lambda own, other: own[:-1] + another(own[-1]),
    "its middle changed": lambda own, other: changed(own, len(own) // 2),
    "an early letter changed": lambda own, other: changed(own, 6),
    "the other case": lambda own, other: own.swapcase(),
    "backwards": lambda own, other: own[::-1],
    "padded": lambda own, other: own + "=",
    "twice": lambda own, other: own + own,
    "begun as another's": lambda own, other: other[: len(own) // 2] + own[len(own) // 2 :],
    "ended as another's": lambda own, other: own[: len(own) // 2] + other[len(own) // 2 :],
    "all the same letter": lambda own, other: "A" * len(own),
    "very long": lambda own, other: own + "A" * 6000,
}


def another(letter):
    return "A" if letter != "A" else "B"


def changed(text, place):
    return text[:place] + another(text[place]) + text[place + 1 :]


def state(desk, proposal):
    return desk.api("read").proposal(proposal["id"])["state"]


@pytest.fixture(scope="module")
def waiting(shared_desk):
    """Two proposals, with alice's links to them."""
    found = [shared_desk.propose("META"), shared_desk.propose("META")]
    return [(proposal, shared_desk.review_link(proposal).removeprefix("/r/")) for proposal in found]


@pytest.mark.parametrize("change", CHANGES)
def test_a_key_that_is_none(desk, change):
    for own, other in (("read", "propose"), ("alice", "bob")):
        own, other = ((desk.keys | desk.tokens)[name] for name in (own, other))
        assert desk.api().get("/api/v1/orders?limit=1", headers={"Authorization": f"Bearer {own}"}) or own
        headers = {"Authorization": f"Bearer {CHANGES[change](own, other)}"}
        problem(desk.api().request("GET", "/api/v1/orders", headers=headers), 401)


def test_a_key_that_was_taken_back(desk):
    key = desk.create_key("read", "short-lived")
    headers = {"Authorization": f"Bearer {key}"}
    desk.api().get("/api/v1/orders", headers=headers)
    desk.command("key", "revoke", "short-lived")
    problem(desk.api().request("GET", "/api/v1/orders", headers=headers), 401)


def session_of(desk, name):
    visitor = desk.visitor()
    visitor.log_in(name, desk.pins[name])
    cookie = next(cookie for cookie in visitor.session.cookies if "session" in cookie.name)
    return cookie.name, desk.secret(cookie.value)


def is_let_in(desk, name, value):
    page = desk.visitor()
    page.session.headers["Cookie"] = f"{name}={value}"
    return not any(form.password_field() for form in page.get("/").forms)


@pytest.fixture(scope="module")
def sessions(shared_desk):
    return session_of(shared_desk, "bob"), session_of(shared_desk, "carol")


@pytest.mark.parametrize("change", CHANGES)
def test_a_cookie_that_is_none(desk, sessions, change):
    (name, own), (_, other) = sessions
    assert is_let_in(desk, name, own)
    assert not is_let_in(desk, name, CHANGES[change](own, other))


def test_a_cookie_that_ran_out(desk):
    name, value = session_of(desk, "bob")
    assert is_let_in(desk, name, value)
    with psycopg.connect(named(desk.database)) as session:
        hashed = "token_hash = sha256(%s)"
        assert session.execute(
            f"UPDATE sessions SET expires_at = now() - interval '1 second' WHERE {hashed}", [value.encode()]
        ).rowcount
    assert not is_let_in(desk, name, value)


@pytest.mark.parametrize("change", CHANGES)
def test_a_link_that_is_none(desk, waiting, change):
    (proposal, own), (_, other) = waiting
    wrong = CHANGES[change](own, other)
    page = desk.visitor().get("/r/" + wrong)
    assert page.status in (400, 403, 404, 414, 431) and "META" not in page.html, page
    fields = {"verdict": "approve", "order_hash": proposal["order_hash"], "pin": desk.pins["alice"]}
    headers = {"Origin": desk.url, "Sec-Fetch-Site": "same-origin"}
    answer = requests.post(f"{desk.url}/r/{wrong}", data=fields, headers=headers, timeout=30)
    assert answer.status_code in (400, 403, 404, 405, 414, 431), answer.status_code
    assert state(desk, proposal) == "pending"


def test_a_link_of_somebody_else_does_not_take_ones_own_pin(desk, waiting):
    (proposal, own), _ = waiting
    page = desk.visitor().get("/r/" + own).decide("approve", pin=desk.pins["bob"])
    assert page.status == 403 and state(desk, proposal) == "pending"


@pytest.mark.parametrize("change", CHANGES)
def test_a_nonce_that_is_none(desk, waiting, change):
    (proposal, link), (second, other_link) = waiting
    visitor, other = desk.visitor(), desk.visitor()
    form = visitor.get("/r/" + link).form("verdict")
    foreign = other.get("/r/" + other_link).form("verdict").fields["nonce"]
    wrong = CHANGES[change](form.fields["nonce"], foreign)
    for nonce in (wrong, foreign):
        page = visitor.submit(form, form.button("approve"), nonce=nonce, pin=desk.pins["alice"])
        assert page.status == 403, page
    assert state(desk, proposal) == "pending" and state(desk, second) == "pending"


def test_a_form_that_is_sent_again(desk):
    proposal = desk.propose("META")
    visitor = desk.visitor()
    visitor.log_in("bob", desk.pins["bob"])
    form = visitor.get(f"/proposals/{proposal['id']}").form("verdict")
    assert visitor.submit(form, form.button("reject")).status == 200
    for verdict in ("reject", "approve"):
        page = visitor.submit(form, form.button(verdict))
        assert page.status == 409 and "bob" in page.text, page
    assert len(desk.api("read").proposal(proposal["id"])["decisions"]) == 1


# The worker: what it takes for the server's word.


@pytest.fixture(scope="module")
def told(shared_desk):
    """Two orders, and the messages about them."""
    desk, found = shared_desk, []
    for _ in range(2):
        proposal = desk.propose("TSLA")
        desk.approve(proposal)
        proposal = desk.wait_order(proposal["id"], "filled")
        found.append(wait_until(lambda: desk.webhook.about(proposal["order_id"]), "the message about it")[0])  # noqa: B023
    return found


def to_worker(desk, body, headers):
    headers = {name: value for name, value in headers.items() if value is not None}
    headers["Content-Type"] = "application/json"
    url = f"http://127.0.0.1:{desk.worker_port}/"
    return requests.post(url, data=body, headers=headers, timeout=30).status_code


def proof(message):
    return {name: message.headers[name] for name in ("webhook-id", "webhook-timestamp", "webhook-signature")}


def own_only(signatures, version):
    return " ".join(each for each in signatures.split() if each.startswith(version + ","))


FORGERIES = {
    "another's signature": lambda own, other: {"webhook-signature": other["webhook-signature"]},
    "another's identity": lambda own, other: {"webhook-id": other["webhook-id"]},
    "a later time": lambda own, other: {"webhook-timestamp": str(int(own["webhook-timestamp"]) + 1)},
    "a time with a nought before it": lambda own, other: {"webhook-timestamp": "0" + own["webhook-timestamp"]},
    "no time": lambda own, other: {"webhook-timestamp": None},
    "no identity": lambda own, other: {"webhook-id": None},
    "no signature": lambda own, other: {"webhook-signature": None},
    "the key's kind swapped": lambda own, other: {
        "webhook-signature": own["webhook-signature"].replace("v1a,", "vX,").replace("v1,", "v1a,")
    },
    "only the server's key": lambda own, other: {
        "webhook-signature": own_only(own["webhook-signature"], "v1a")
    },
    "an unknown version": lambda own, other: {"webhook-signature": "v2," + "A" * 43 + "="},
    "thousands of signatures": lambda own, other: {"webhook-signature": "v1,AAAA " * 900},
}


@pytest.mark.parametrize("forgery", FORGERIES)
def test_a_message_that_the_server_did_not_send(desk, told, forgery):
    own, other = told
    headers = proof(own) | FORGERIES[forgery](proof(own), proof(other))
    assert to_worker(desk, own.body, headers) in (400, 401, 413, 431)


@pytest.mark.parametrize("change", CHANGES)
def test_a_signature_that_is_none(desk, told, change):
    own, other = told
    for version in ("v1", "v1a"):
        mine, foreign = (own_only(proof(each)["webhook-signature"], version) for each in told)
        prefix = version + ","
        wrong = prefix + CHANGES[change](mine.removeprefix(prefix), foreign.removeprefix(prefix))
        headers = proof(own) | {"webhook-signature": wrong}
        assert to_worker(desk, own.body, headers) in (400, 401, 413, 431), version


def resigned(desk, document, at=None):
    """As somebody signs who has stolen the secret that both share, but not the server's own key."""
    body, at = json.dumps(document, separators=(",", ":")).encode(), at or datetime.now(timezone.utc)
    id = document["data"]["order"]["id"]
    signature = Webhook(desk.worker_secret).sign(id, at, body.decode())
    return body, {"webhook-id": id, "webhook-timestamp": str(int(at.timestamp())), "webhook-signature": signature}


def test_a_message_that_is_good_is_taken(desk, told):
    """Signed by the makers of Standard Webhooks: what is refused below is refused for what was done to it."""
    assert to_worker(desk, *resigned(desk, told[0].json)) == 200


@pytest.mark.parametrize("seconds", [-86400, -301, 301, 86400])
def test_a_message_out_of_its_time(desk, told, seconds):
    own, _ = told
    body, headers = resigned(desk, own.json, datetime.now(timezone.utc) + timedelta(seconds=seconds))
    assert to_worker(desk, body, headers) == 401


TAMPERED = {
    "more shares": lambda data, other: data["order"].update(qty="300"),
    "another symbol": lambda data, other: data["order"].update(symbol="NVDA"),
    "another order's approval": lambda data, other: data.update(approval=other["approval"]),
    "another order's signature": lambda data, other: data.update(signature=other["signature"]),
    "another order": lambda data, other: data.update(order=other["order"]),
    "another approver": lambda data, other: data["approval"]["decisions"][0].update(by="mallory"),
    "a longer validity": lambda data, other: data["approval"].update(expires_at="2099-01-01T00:00:00Z"),
    "another algorithm": lambda data, other: data["signature"].update(alg="none"),
    "no signature": lambda data, other: data.pop("signature"),
    "a cut signature": lambda data, other: data["signature"].update(value=data["signature"]["value"][:-4]),
    "noughts for a signature": lambda data, other: data["signature"].update(
        value=base64.b64encode(bytes(64)).decode()
    ),
}


@pytest.mark.parametrize("change", TAMPERED)
def test_a_thief_of_the_shared_secret_orders_nothing(desk, told, change):
    """The message's signature holds; the document's, by the server's own key, does not."""
    own, other = told
    before = desk.received()["count"]
    document = json.loads(own.body)
    TAMPERED[change](document["data"], json.loads(other.body)["data"])
    assert to_worker(desk, *resigned(desk, document)) in (400, 422), change
    assert desk.received()["count"] == before


def test_a_message_that_comes_again(desk, told):
    """Received, and nothing is sent a second time."""
    own, _ = told
    before = desk.received()["count"]
    for _ in range(3):
        assert to_worker(desk, own.body, proof(own)) == 200
    lease = desk.api("read").read("/trading/status")["account_received_at"]
    deadline = time.monotonic() + 60
    while desk.api("read").read("/trading/status")["account_received_at"] == lease:
        assert time.monotonic() < deadline
        time.sleep(0.2)
    assert desk.received()["count"] == before
