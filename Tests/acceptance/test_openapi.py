"""The interface's description is valid, complete, and true."""

import copy
import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
from openapi_spec_validator import validate

from harness.interface import judged, operations, strict, with_examples
from harness.past import CLOSED, WEEK
from harness.samples import fill, sample_desk
from harness.waiting import wait_until

OUTPUT = Path(__file__).parent / "output"

# fmt: off
DESCRIBED = [
    ("post", "/api/v1/proposals"), ("get", "/api/v1/proposals"), ("get", "/api/v1/proposals/{id}"),
    ("post", "/api/v1/proposals/{id}/withdraw"), ("post", "/api/v1/proposals/{id}/decisions"),
    ("post", "/api/v1/proposals/{id}/revoke"), ("get", "/api/v1/orders"), ("get", "/api/v1/orders/{id}"),
    ("post", "/api/v1/worker/sync"), ("post", "/api/v1/orders/{id}/claim"), ("post", "/api/v1/orders/{id}/reports"),
    ("get", "/api/v1/trading/status"), ("get", "/api/v1/trading/account"), ("post", "/api/v1/emergency-stop"),
    ("post", "/api/v1/emergency-resume"), ("post", "/api/v1/halts"), ("get", "/api/v1/halts"),
    ("get", "/api/v1/policy"), ("get", "/api/v1/events"), ("get", "/api/v1/audit"), ("get", "/api/v1/audit/checkpoint"),
    ("get", "/api/v1/reviews/{week}"), ("post", "/api/v1/reviews/{week}/answers"), ("post", "/api/v1/reviews/{week}/sign"),
    ("post", "/api/v1/alerts"), ("get", "/api/v1/alerts"), ("post", "/api/v1/alerts/{id}/ack"),
    ("get", "/healthz"), ("get", "/readyz"), ("get", "/metrics"),
]
# fmt: on


@pytest.fixture(scope="module")
def description(shared_desk):
    return shared_desk.api().get("/openapi.json").json()


def test_it_is_valid_openapi_3_1(description):
    assert description["openapi"].startswith("3.1")
    validate(description)


def test_it_describes_what_there_is(description):
    def shape(path):
        return re.sub(r"\{[^}]*\}", "{}", path)

    server = (description.get("servers") or [{"url": ""}])[0]["url"]
    prefix = "/api/v1" if server.rstrip("/").endswith("/api/v1") else ""
    there = {(method, shape(prefix + path)) for path, item in description["paths"].items() for method in item}
    there |= {(method, shape(path)) for path, item in description["paths"].items() for method in item}
    missing = [each for each in DESCRIBED if (each[0], shape(each[1])) not in there]
    assert not missing


# Who may do what; test_rights.py tries who may not. An endless answer, /events, is read by test_browser_live.py.
# fmt: off
MAY = {
    None: ["signingKeys", "healthz", "readyz", "metrics", "openapi"],
    "read": [
        "listProposals", "getProposal", "listOrders", "getOrder", "listCommands", "tradingStatus", "tradingAccount",
        "activePositions", "riskLimits", "riskMetrics", "listMismatches", "listHalts", "listAlerts", "getAlert", "getPolicy",
        "listPolicies", "dailyReport", "weeklyReport", "review",
    ],
    "propose": ["propose", "getProposal", "listProposals", "withdrawProposal"],
    "alert": ["raiseAlert", "listAlerts", "getAlert", "resolveAlert"],
    "otto": ["listJournal", "checkpoint"],
    "alice": ["decide", "revoke", "acknowledgeAlert", "answerReview"],
    "work": ["sync", "claim", "report", "reportCommand", "listOrders", "getOrder", "listCommands"],
    "ada": ["putPolicy", "acceptPolicyDraft", "rejectPolicyDraft", "signReview", "clearMismatch"],
    "operate": [
        "emergencyStop", "emergencyResume", "openHalt", "listHalts", "clearHalt", "closePosition", "withdrawCommand",
        "clearMismatch", "tradingStatus",
    ],
}
# fmt: on
APART = {"events"}


@pytest.fixture(scope="module")
def busy(desks, database_server):
    """A desk with something at every address, and nobody who claims orders but the judge."""
    samples = sample_desk(database_server.create())
    desks.made.append(samples.desk)
    return fill(samples)


def quote(desk, symbol):
    ask = f"{desk.ask(symbol):.2f}"
    now = datetime.now(timezone.utc).isoformat().replace("+00:00", "Z")
    return {"symbol": symbol, "bid": ask, "ask": ask, "quoted_at": now}


def account(desk):
    told = desk.api("read").read("/trading/account")
    return {name: told[name] for name in ("account_number", "status", "equity", "cash", "buying_power")}


def halted(desk, symbol):
    body = {"scope": "symbol", "target": symbol, "reason": "A rumour."}
    return desk.api("operate").send("/halts", body, 201)["halt"]["id"]


def examples_of(samples):
    """Bodies and identities with which each operation does what it is for, and some with which it may not."""
    desk, made = samples.desk, samples.proposals
    pending = [desk.propose("INTC", qty=str(number), stop_loss=None) for number in range(11, 15)]
    told = desk.api("read").read(f"/reviews/{WEEK}")
    entry = {"symbol": "INTC", "side": "buy", "qty": "12", "strategy": "momentum", "rationale": "Breaks out."}
    hashes = [each["order_hash"] for each in pending]
    reason = [{"reason": "A person asked for it."}]
    orders = [desk.order(desk.api("read").proposal(made["filled"]["id"]))["id"]]
    worker = {"worker_id": "judge"}
    bodies = {
        "propose": [
            {**entry, "type": "limit", "limit_price": "20.50", "time_in_force": "gtc", "confidence": 55},
            {**entry, "type": "market", "reference_price": 20.5, "stop_loss": {"stop_price": "18.90"}},
            {**entry, "type": "stop_limit", "stop_price": "21", "limit_price": "21.20", "evidence": {"news": ["one"]}},
            {**entry, "type": "stop", "stop_price": "21", "timeout_minutes": 5, "signal_id": "s-1"},
        ],
        "withdrawProposal": [{}],
        "decide": [
            {"verdict": "approve", "order_hash": hashes[0], "comment": "Small enough."},
            {"verdict": "reject", "order_hash": hashes[1]},
            {"verdict": "approve", "order_hash": hashes[0]},
            {"verdict": "approve", "order_hash": "0" * 64},
        ],
        "revoke": reason,
        "raiseAlert": [{"type": "data_feed_late", "title": "Late", "priority": "info", "evidence": {"seconds": 40}}],
        "resolveAlert": reason,
        "acknowledgeAlert": [{"comment": "I look after it."}],
        "answerReview": [{"answers": [{"number": 9, "answer": "Yes.", "version": 1}]}],
        "signReview": [{"decision": "continue", "review_hash": told["review_hash"], "pin": "0000000000"}],
        "sync": [
            worker,
            {**worker, "account": account(desk), "positions": [], "open_orders": [], "quotes": [quote(desk, "AAPL")]},
        ],
        "claim": [{**worker, "quote": quote(desk, "INTC")}],
        "report": [{**worker, "outcome": "unknown"}],
        "reportCommand": [{**worker, "phase": "waiting", "open_orders": 0, "positions": [], "errors": []}],
        "putPolicy": [{"preset": "guarded-5k"}, {"preset": "guarded-5k", "approval": {"timeout_minutes": 20}}],
        "rejectPolicyDraft": reason,
        "clearMismatch": reason,
        "emergencyStop": [{"reason": "A rumour.", "dry_run": True}, {"reason": "A rumour."}],
        "emergencyResume": [*reason, {"reason": "Smaller.", "limits_factor": "0.5"}],
        "openHalt": [
            {"scope": "symbol", "target": "INTC", "reason": "A rumour."},
            {"scope": "account", "reason": "A rumour.", "dry_run": True, "cancel": True},
        ],
        "clearHalt": reason,
        "closePosition": reason,
        "withdrawCommand": reason,
    }
    own = {
        "getProposal": [each["id"] for each in made.values()],
        "withdrawProposal": [pending[3]["id"], made["filled"]["id"]],
        "decide": [pending[0]["id"], pending[1]["id"], pending[0]["id"], pending[2]["id"]],
        "revoke": [pending[0]["id"], made["filled"]["id"]],
        "getOrder": orders,
        "getAlert": list(samples.alerts.values()),
        "resolveAlert": list(samples.alerts.values()),
        "acknowledgeAlert": list(samples.alerts.values()),
        "weeklyReport": ["current", WEEK, CLOSED],
        "dailyReport": ["today"],
        "review": ["current", WEEK, CLOSED],
        "answerReview": [WEEK, CLOSED],
        "signReview": [CLOSED, WEEK],
        "clearHalt": [halted(desk, "KO")],
        "closePosition": ["AAPL", "NONE"],
    }
    return bodies, own


def released(desk, bodies, places):
    """Has the judge be the worker, with orders to claim and to report."""
    desk.processes["worker"].stop()
    found = []
    for number in range(3):
        proposal = desk.propose("JPM", qty=str(7 + number), stop_loss=None)
        desk.approve(proposal)
        found.append(desk.api("read").proposal(proposal["id"])["order_id"])
    desk.api("operate").send("/positions/AAPL/close", {"reason": "Enough."}, 202)
    command = desk.api("read").read("/commands")["items"][0]["id"]
    places |= {"claim": found, "report": found, "reportCommand": [command], "withdrawCommand": [command]}
    bodies["claim"] = [{"worker_id": "judge", "quote": quote(desk, "JPM")}]
    body = {"worker_id": "judge", "account": account(desk), "positions": [], "open_orders": []}
    wait_until(lambda: desk.api("work").send("/worker/sync", body)["lease"]["active"], "the lease")


def test_it_tells_who_judges_each_operation(description):
    assert set(operations(description)) - APART == {name for names in MAY.values() for name in names}


def test_every_answer_is_described(busy, description):
    """Each operation with every key that opens it: no 5xx, and no status, type, header or member that is not described.

    In this order: what ends trading comes last.
    """
    desk = busy.desk
    bodies, places = examples_of(busy)
    found = {}
    for who, names in MAY.items():
        if who == "work":
            released(desk, bodies, places)
        judge = with_examples(strict(description), bodies, places)
        is_true, words = judged(desk, judge, (desk.keys | desk.tokens).get(who), names)
        (OUTPUT / f"schemathesis-{who}.txt").write_text(words)
        if not is_true:
            found[who] = words[-8000:]
    assert not found, "\n".join(f"===== {who}\n{words}" for who, words in found.items())


FALSE = {
    "a status that is not described": lambda answers, schemas: answers.pop("404"),
    "another type of content": lambda answers, schemas: answers["200"].update(content={"text/html": {}}),
    "a member that is not described": lambda answers, schemas: (
        schemas["Order"]["properties"].pop("filled_qty"),
        schemas["Order"]["required"].remove("filled_qty"),
    ),
    "a member that there is not": lambda answers, schemas: schemas["Order"]["required"].append("colour"),
    "another kind of value": lambda answers, schemas: schemas["Order"]["properties"].update(
        claim_generation={"type": "string"}
    ),
}


@pytest.mark.parametrize("lie", FALSE)
def test_a_description_that_is_not_true_is_found_out(busy, description, lie):
    """A judge that finds nothing proves nothing, unless it would have."""
    desk = busy.desk
    description = copy.deepcopy(description)
    _, _, operation = operations(description)["getOrder"]
    FALSE[lie](operation["responses"], description["components"]["schemas"])
    order = desk.order(desk.api("read").proposal(busy.proposals["filled"]["id"]))["id"]
    judge = with_examples(strict(description), {}, {"getOrder": [order]})
    is_true, words = judged(desk, judge, desk.keys["read"], ["getOrder"], random=1)
    assert not is_true, words
