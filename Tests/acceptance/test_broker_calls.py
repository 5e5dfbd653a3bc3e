"""Two outside judges of every call that the worker's client makes of the broker: Alpaca's own Python client has to be able to
make it and to read the answer, and the official OpenAPI documents have to describe it.

The documents are Alpaca's and no part of this repository. Where they lie beside it (../shared/alpaca), or where
COUNTERSIGN_BROKER_OPENAPI names their directory, every answer is judged by them too.
"""

import json
import os
import re
import urllib.request
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from alpaca.data.enums import Adjustment
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.data.requests import StockBarsRequest, StockLatestQuoteRequest
from alpaca.data.timeframe import TimeFrame
from alpaca.common.enums import Sort
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import OrderClass, OrderSide, OrderStatus, QueryOrderStatus, TimeInForce
from alpaca.trading.models import NonTradeActivity, TradeActivity
from alpaca.trading.requests import (
    ClosePositionRequest,
    GetCalendarRequest,
    GetOrderByIdRequest,
    GetOrdersRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    StopLossRequest,
    TakeProfitRequest,
)
from openapi_schema_validator import OAS30Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

from harness.program import ROOT

URL = os.environ.get("COUNTERSIGN_SIMULATOR_URL")
OFFICIAL = Path(os.environ.get("COUNTERSIGN_BROKER_OPENAPI") or ROOT.parent / "shared" / "alpaca")

pytestmark = pytest.mark.skipif(not URL, reason="COUNTERSIGN_SIMULATOR_URL is not set")


def control(path, body=None, method="POST"):
    request = urllib.request.Request(URL + "/sim/" + path, json.dumps(body or {}).encode(), method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def buy(symbol, qty, **more):
    return MarketOrderRequest(symbol=symbol, qty=qty, side=OrderSide.BUY, time_in_force=TimeInForce.DAY, **more)


def drive(trading, data):
    """Each function of Sources/Broker/Broker.swift, with the parameters that it sends, and what has to come of it."""
    began = datetime.now(UTC) - timedelta(seconds=5)
    assert trading.get_account().account_number
    assert trading.get_clock().is_open
    days = trading.get_calendar(GetCalendarRequest(start=date(2026, 11, 23), end=date(2026, 11, 24)))
    assert [day.date for day in days] == [date(2026, 11, 23), date(2026, 11, 24)]
    assert trading.get_asset("AAPL").tradable

    quote = data.get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "MSFT"]))["AAPL"]
    assert quote.ask_price >= quote.bid_price > 0
    control("bars/AAPL", {"bars": [{"day": "2026-11-19", "open": "10", "high": "12.5", "low": "9", "close": "11"}]})
    bars = data.get_stock_bars(
        StockBarsRequest(
            symbol_or_symbols="AAPL",
            timeframe=TimeFrame.Day,
            start=datetime(2026, 11, 16),
            end=datetime(2026, 11, 20),
            adjustment=Adjustment.RAW,
            limit=10000,
            sort=Sort.ASC,
        )
    )["AAPL"]
    assert (bars[-1].high, bars[-1].close) == (12.5, 11)

    name = "cs-" + str(uuid.uuid4())
    sent = trading.submit_order(buy("AAPL", 10, client_order_id=name))
    assert trading.get_order_by_client_id(name).id == sent.id
    # Alpaca's client does not ask for the legs here; ours does, and the answer is an order of the same kind.
    assert trading.get("/orders:by_client_order_id", {"client_order_id": name, "nested": True})["id"] == str(sent.id)
    assert trading.get_order_by_id(sent.id, GetOrderByIdRequest(nested=True)).status == OrderStatus.FILLED
    bracket = trading.submit_order(
        LimitOrderRequest(
            symbol="MSFT",
            qty=1,
            side=OrderSide.BUY,
            time_in_force=TimeInForce.GTC,
            limit_price=100,
            order_class=OrderClass.BRACKET,
            take_profit=TakeProfitRequest(limit_price=150),
            stop_loss=StopLossRequest(stop_price=90),
            client_order_id="cs-" + str(uuid.uuid4()),
        )
    )
    page = {"nested": True, "direction": "asc", "limit": 500}
    opened = trading.get_orders(GetOrdersRequest(status=QueryOrderStatus.OPEN, **page))
    assert [order.id for order in opened] == [bracket.id] and len(opened[0].legs) == 2
    every = trading.get_orders(GetOrdersRequest(status=QueryOrderStatus.ALL, after=began, **page))
    assert [order.id for order in every][-2:] == [sent.id, bracket.id]
    trading.cancel_order_by_id(bracket.id)
    assert trading.get_order_by_id(bracket.id).status == OrderStatus.CANCELED
    rest = trading.submit_order(
        LimitOrderRequest(symbol="F", qty=1, side=OrderSide.BUY, time_in_force=TimeInForce.DAY, limit_price=5)
    )
    assert [(each.id, each.status) for each in trading.cancel_orders()] == [(rest.id, 200)]

    assert Decimal(next(each for each in trading.get_all_positions() if each.symbol == "AAPL").qty) == 10
    assert trading.close_position("AAPL", ClosePositionRequest(qty="4")).side == OrderSide.SELL
    assert trading.close_position("AAPL").qty == "6"
    assert trading.get_all_positions() == []

    since = {"after": began.isoformat(), "direction": "asc", "page_size": 100}
    # Alpaca's client has models of these, and no call; it gives them an account, which the broker's answer does not.
    fills = [TradeActivity(account_id=uuid.uuid4(), **each) for each in trading.get("/account/activities/FILL", since)]
    assert [(fill.symbol, fill.side.value, fill.qty) for fill in fills[-3:]] == [
        ("AAPL", "buy", 10), ("AAPL", "sell", 4), ("AAPL", "sell", 6),
    ]  # fmt: skip
    control("cash", {"amount": "250.50"})
    cash = trading.get("/account/activities", {**since, "category": "non_trade_activity"})
    assert NonTradeActivity(account_id=uuid.uuid4(), **cash[-1]).net_amount == 250.5
    following = {**since, "page_size": 1, "page_token": str(fills[-2].id)}
    assert [each["id"] for each in trading.get("/account/activities/FILL", following)] == [str(fills[-1].id)]


@pytest.fixture(scope="module")
def heard():
    """Every question that Alpaca's client asked, with its answer."""
    found, send = [], requests.Session.send

    def listen(session, request, **options):
        answer = send(session, request, **options)
        found.append((request.method, urlsplit(request.url), answer))
        return answer

    control("faults", method="DELETE")
    for path, body in [("matching", {"mode": "automatic"}), ("market", {"open": None}), ("clock", {})]:
        control(path, body)
    trading = TradingClient("key", "secret", url_override=URL)
    trading.close_all_positions(cancel_orders=True)
    requests.Session.send = listen
    try:
        drive(trading, StockHistoricalDataClient("key", "secret", url_override=URL))
    finally:
        requests.Session.send = send
    return found


def shape(path):
    """Without what stands for one order, position or asset."""
    return re.sub(r"(?<=/)(orders|positions|assets)/[^/]+$", r"\1/{}", path)


# What the client asks and with what: by hand, from Sources/Broker. The next test holds it against the sources.
# fmt: off
CALLS = {
    ("GET", "/v2/account"): set(),
    ("GET", "/v2/clock"): set(),
    ("GET", "/v2/calendar"): {"start", "end"},
    ("GET", "/v2/positions"): set(),
    ("GET", "/v2/assets/{}"): set(),
    ("GET", "/v2/stocks/quotes/latest"): {"symbols"},
    ("GET", "/v2/stocks/bars"): {"symbols", "timeframe", "start", "end", "adjustment", "limit", "sort"},
    ("GET", "/v2/account/activities/FILL"): {"after", "direction", "page_size", "page_token"},
    ("GET", "/v2/account/activities"): {"after", "direction", "page_size", "category"},
    ("POST", "/v2/orders"): set(),
    ("GET", "/v2/orders"): {"status", "nested", "direction", "limit", "after"},
    ("GET", "/v2/orders:by_client_order_id"): {"client_order_id", "nested"},
    ("GET", "/v2/orders/{}"): {"nested"},
    ("DELETE", "/v2/orders/{}"): set(),
    ("DELETE", "/v2/orders"): set(),
    ("DELETE", "/v2/positions/{}"): {"qty"},
}
# fmt: on


def test_every_call_of_the_client_is_driven(heard):
    driven = {}
    for method, url, _ in heard:
        driven.setdefault((method, shape(url.path)), set()).update(parse_qs(url.query))
    missing = {call: asked - driven.get(call, set()) for call, asked in CALLS.items()}
    assert CALLS.keys() <= driven.keys() and not any(missing.values()), (CALLS.keys() - driven.keys(), missing)


def test_the_client_makes_no_other_call():
    """A path or a parameter that is new in the client must be driven here too."""
    sources = "".join(file.read_text() for file in sorted((ROOT / "Sources" / "Broker").glob("AlpacaClient*.swift")))
    paths = {path.rstrip("/") for path in re.findall(r'"(/v2/[^"\\]*)', sources)}
    assert paths == {path.removesuffix("/{}") for _, path in CALLS} - {"/v2/account/activities/FILL"} | (
        paths & {"/v2/account/activities/FILL"}
    )
    asked = set(re.findall(r'\("([a-z_]+)", ', sources)) | set(re.findall(r"[?&]([a-z_]+)=", sources))
    assert asked == set().union(*CALLS.values()), "the parameters of Sources/Broker are other ones"


# The official documents, where they are.


@pytest.fixture(scope="module")
def official():
    if not OFFICIAL.is_dir():
        pytest.skip("Alpaca's OpenAPI documents are not here: COUNTERSIGN_BROKER_OPENAPI may name their directory")
    # An execution is "one of" two kinds of entries that both describe it, since nothing is required of either: any of them.
    names = ("trading-api.json", "market-data-api.json")
    return [json.loads((OFFICIAL / name).read_text().replace('"oneOf":', '"anyOf":')) for name in names]


def described(documents, method, path):
    """The official words about a call: the document, and the answers it may have."""
    for document in documents:
        for pattern, item in sorted(document["paths"].items(), key=lambda each: "{" in each[0]):
            if re.fullmatch(re.sub(r"\{[^}]*\}", "[^/]+", re.sub(r"([:.])", r"\\\1", pattern)), path):
                if method.lower() in item:
                    return document, item[method.lower()]["responses"]
    return None, None


def faults(documents, method, path, status, body):
    """What the official documents have against an answer."""
    document, answers = described(documents, method, path)
    if answers is None:
        return [f"{method} {path} is not described"]
    if str(status) not in answers:
        return [f"{method} {path}: {status} is not described"]
    content = answers[str(status)].get("content", {}).get("application/json")
    if content is None:
        return [f"{method} {path}: {status} has no body"] if body not in (None, "") else []
    registry = Registry().with_resource("urn:official", Resource(contents=document, specification=DRAFT202012))
    schema = based(content["schema"])
    found = OAS30Validator(schema, registry=registry).iter_errors(body)
    return [f"{method} {path}: {each.json_path} {each.message[:300]}" for each in found]


def based(schema):
    """References count from the document's beginning."""
    text = json.dumps(schema)
    return json.loads(text.replace('"$ref": "#/', '"$ref": "urn:official#/'))


def test_the_official_documents_describe_every_answer(heard, official):
    found, judged = [], 0
    for method, url, answer in heard:
        body = answer.json() if answer.content else None
        found += faults(official, method, url.path, answer.status_code, body)
        judged += 1
    assert not found, "\n".join(found)
    assert judged >= len(CALLS)


def test_the_official_documents_find_what_is_wrong(heard, official):
    """A judge that finds nothing proves nothing, unless it would have."""
    method, url, answer = next(each for each in heard if (each[0], each[1].path) == ("POST", "/v2/orders"))
    order = answer.json()
    assert faults(official, method, url.path, 200, order) == []
    for wrong in ({**order, "type": "colour"}, {**order, "symbol": 7}, {**order, "legs": "none"}, [order]):
        assert faults(official, method, url.path, 200, wrong), wrong
    assert faults(official, method, url.path, 201, order)
    assert faults(official, "GET", "/v2/nothing", 200, order)
