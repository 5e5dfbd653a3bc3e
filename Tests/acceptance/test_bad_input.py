"""What is wrong is refused in words, nothing is stored, and the server goes on."""

import json
import uuid

import pytest

from harness.api import pointers, problem
from harness.doubles import wait_for


def newest(desk):
    items = desk.api("read").read("/proposals?limit=1")["items"]
    return items[0]["id"] if items else None


def send(desk, raw, **headers):
    headers = {"Idempotency-Key": str(uuid.uuid4()), **headers}
    return desk.api("propose").request("POST", "/api/v1/proposals", raw=raw, headers=headers, timeout=60)


@pytest.fixture
def nothing_stored(desk):
    before = newest(desk)
    yield
    assert newest(desk) == before, "something was stored"
    assert desk.api().get("/healthz").status_code == 200


def with_value(desk, field, lexeme):
    """A proposal in which one field's value is written exactly so."""
    body = desk.draft("AAPL", **{field: "<here>"})
    return json.dumps(body).replace('"<here>"', lexeme).encode()


# fmt: off
FIELDS = [
    ("symbol", "", "/symbol"), ("symbol", "not a symbol", "/symbol"), ("symbol", 7, "/symbol"),
    ("side", "hold", "/side"), ("side", None, "/side"),
    ("qty", "0", "/qty"), ("qty", "-1", "/qty"), ("qty", 0, "/qty"), ("qty", -3, "/qty"), ("qty", "many", "/qty"),
    ("qty", "1" * 40, "/qty"), ("qty", True, "/qty"), ("qty", [], "/qty"), ("qty", {"a": 1}, "/qty"),
    ("qty", " 3", "/qty"), ("qty", "0x10", "/qty"), ("qty", "NaN", "/qty"),
    ("qty", "Infinity", "/qty"), ("qty", "٣", "/qty"),
    ("type", "guess", "/type"), ("limit_price", "-5", "/limit_price"), ("limit_price", "0", "/limit_price"),
    ("limit_price", None, "/limit_price"),
    ("time_in_force", "forever", "/time_in_force"), ("confidence", 101, "/confidence"),
    ("confidence", -1, "/confidence"), ("timeout_minutes", 0, "/timeout_minutes"),
    ("timeout_minutes", -5, "/timeout_minutes"),
    ("evidence", "text", "/evidence"), ("evidence", {"x": "y" * 17000}, "/evidence"),
    ("stop_loss", {"stop_price": "-1"}, "/stop_loss/stop_price"),
    ("stop_loss", {"stop_price": "150", "trail": 1}, "/stop_loss/trail"),
    ("take_profit", {"limit_price": "much"}, "/take_profit/limit_price"),
    ("rationale", "x" * 100_000, "/rationale"), ("rationale", "a\u0000b", "/rationale"),
    ("strategy", "a\u0007b", "/strategy"),
    ("rationale", "turned \u202eround", "/rationale"), ("quantity", "3", "/quantity"), ("approved", True, "/approved"),
    ("reference_price", "-1", "/reference_price"),
]
# fmt: on


@pytest.mark.parametrize(
    ("field", "value", "pointer"), FIELDS, ids=[f"{f}={str(v)[:20]!a}" for f, v, _ in FIELDS]
)
def test_a_bad_field_is_pointed_at(desk, nothing_stored, field, value, pointer):
    body = desk.draft("AAPL")
    if value is None:
        body.pop(field)
    else:
        body[field] = value
    answer = send(desk, json.dumps(body).encode())
    if "\u0000" in str(value):
        problem(answer, (400, 422))
        return
    document = problem(answer, 422, "validation")
    assert pointer in pointers(document), document["errors"]


def test_all_faults_are_named_at_once(desk, nothing_stored):
    body = desk.draft("AAPL", side="hold", qty="-1", time_in_force="forever", colour="red")
    document = problem(send(desk, json.dumps(body).encode()), 422, "validation")
    assert {"/side", "/qty", "/time_in_force", "/colour"} <= pointers(document)


@pytest.mark.parametrize("lexeme", ["1e400", "-1e400", "1e-400", "9" * 40, "0." + "1" * 40, "0", "-0", "-1"])
def test_numbers_beyond_reason(desk, nothing_stored, lexeme):
    document = problem(send(desk, with_value(desk, "qty", lexeme)), 422, "validation")
    assert "/qty" in pointers(document)


# fmt: off
NOT_JSON = {
    "nothing": b"", "half": b'{"symbol": "AAPL"', "comma": b'{"symbol": "AAPL",}', "single quotes": b"{'symbol': 'AAPL'}",
    "NaN": b'{"qty": NaN}', "Infinity": b'{"qty": Infinity}', "leading zero": b'{"qty": 01}', "plus": b'{"qty": +1}',
    "NUL byte": b'{"symbol": "AA\x00PL"}', "control character": b'{"symbol": "AA\x01PL"}',
    "bad UTF-8": b'{"symbol": "AA\xff\xfePL"}', "overlong UTF-8": b'{"symbol": "AA\xc0\xafPL"}',
    "surrogate in UTF-8": b'{"symbol": "\xed\xa0\x80"}', "lone surrogate": b'{"symbol": "\\ud800"}',
    "two values": b"{} {}", "twice the same member": b'{"qty": 1, "qty": 2}',
    "deep arrays": b"[" * 100_000, "deep objects": b'{"a":' * 10_000 + b"1" + b"}" * 10_000,
    "deep evidence": b'{"evidence":' + b'{"a":' * 200 + b"1" + b"}" * 201, "comment": b'{/* */"qty": 1}',
    "byte order mark": b'\xef\xbb\xbf{"qty": 1}',
}
# fmt: on


@pytest.mark.parametrize("name", NOT_JSON)
def test_what_is_not_json(desk, nothing_stored, name):
    problem(send(desk, NOT_JSON[name]), 400)


@pytest.mark.parametrize("raw", [b"[]", b'"text"', b"1", b"null", b"true"])
def test_what_is_json_and_not_an_object(desk, nothing_stored, raw):
    problem(send(desk, raw), (400, 422))


def test_ten_megabytes(desk, nothing_stored):
    problem(send(desk, b'{"rationale": "' + b"x" * 10_000_000 + b'"}'), 413)


def test_ten_megabytes_in_chunks(desk, nothing_stored):
    def chunks():
        for _ in range(160):
            yield b"x" * 65536

    problem(send(desk, chunks()), 413)


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "application/xml"])
def test_another_content_type(desk, nothing_stored, kind):
    body = json.dumps(desk.draft("AAPL")).encode()
    problem(send(desk, body, **{"Content-Type": kind}), 415)


@pytest.mark.parametrize(
    "id",
    [
        "1",
        "x" * 300,
        "%00",
        "..%2f..%2fetc%2fpasswd",
        "'%20or%201=1--",
        "00000000-0000-0000-0000-000000000000",
    ],
)
def test_ids_that_are_none(desk, id):
    problem(desk.api("read").request("GET", f"/api/v1/proposals/{id}"), (400, 404))


@pytest.mark.parametrize(
    "query", ["limit=0", "limit=501", "limit=x", "cursor=nonsense", "state=perhaps", "colour=red"]
)
def test_bad_queries(desk, query):
    problem(desk.api("read").request("GET", f"/api/v1/proposals?{query}"), (400, 422))


def test_what_is_not_there(desk):
    problem(desk.api("read").request("GET", "/api/v1/nothing"), 404)
    answer = desk.api("read").request("DELETE", "/api/v1/proposals")
    problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_hostile_rationale_is_shown_as_text(desk):
    hostile = "<script>alert(1)</script> <!channel> @everyone *bold* https://evil.example/x \U0001f600"
    proposal = desk.propose("AAPL", rationale=hostile)
    page = desk.visitor().get(desk.review_link(proposal))
    assert "<script>alert(1)" not in page.html and "&lt;script&gt;" in page.html
    message = wait_for(desk.slack, proposal["check_code"])
    for text in marked_up(message.json):
        assert "<!channel>" not in text and "*bold*" not in text, text
    wait_for(desk.discord, proposal["check_code"])
    assert not desk.slack.faults and not desk.discord.faults


def marked_up(message):
    """What Slack reads for commands and marks: the fallback text, and every text that is not plain."""
    texts = [message["text"]]
    for block in message.get("blocks", []):
        parts = [block.get("text"), *block.get("fields", []), *block.get("elements", [])]
        texts += [part["text"] for part in parts if part and part.get("type") == "mrkdwn"]
    return texts


def test_decimals_stay_exact(desk):
    proposal = desk.propose("AAPL", qty="0.3", limit_price="190.10", rationale="exact")
    assert (proposal["qty"], proposal["notional"]) == ("0.3", "57.03")
    number = desk.api("propose").request(
        "POST",
        "/api/v1/proposals",
        raw=with_value(desk, "qty", "1.10"),
        headers={"Idempotency-Key": str(uuid.uuid4())},
    )
    assert number.status_code == 201, number.text
    assert number.json()["qty"] == "1.1"
