"""An outside judge of the simulated broker: Alpaca's own Python client must understand every answer.

Needs `pip install alpaca-py pytest` and a running simulator that is always open and allows shorts:

    countersign broker --listen 127.0.0.1:9300 --clock always-open --multiplier 4
    COUNTERSIGN_SIMULATOR_URL=http://127.0.0.1:9300 pytest Tests/acceptance/test_broker_alpaca_py.py
"""

import json
import os
import urllib.request
import uuid
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import requests
from alpaca.common.exceptions import APIError
from alpaca.data.historical import StockHistoricalDataClient
from alpaca.data.requests import StockLatestQuoteRequest, StockLatestTradeRequest, StockSnapshotRequest
from alpaca.trading.client import TradingClient
from alpaca.trading.enums import (
    ActivityType,
    AssetExchange,
    OrderClass,
    OrderSide,
    OrderStatus,
    OrderType,
    PositionSide,
    QueryOrderStatus,
    TimeInForce,
)
from alpaca.trading.models import AccountConfiguration, Order
from alpaca.trading.requests import (
    ClosePositionRequest,
    GetCalendarRequest,
    GetOrderByIdRequest,
    GetOrdersRequest,
    GetPortfolioHistoryRequest,
    LimitOrderRequest,
    MarketOrderRequest,
    ReplaceOrderRequest,
    StopLimitOrderRequest,
    StopLossRequest,
    StopOrderRequest,
    TakeProfitRequest,
    TrailingStopOrderRequest,
)

URL = os.environ.get("COUNTERSIGN_SIMULATOR_URL")

pytestmark = pytest.mark.skipif(not URL, reason="COUNTERSIGN_SIMULATOR_URL is not set")


@pytest.fixture
def client():
    """A client of an account that is flat, on a market without scripts."""
    control("/sim/faults", method="DELETE")
    for path, body in [("matching", {"mode": "automatic"}), ("market", {"open": None}), ("clock", {})]:
        control("/sim/" + path, body)
    client = TradingClient("key", "secret", url_override=URL)
    configure(client, suspend_trade=False, no_shorting=False)
    client.close_all_positions(cancel_orders=True)
    assert client.get_all_positions() == []
    return client


def control(path, body=None, method="POST"):
    request = urllib.request.Request(URL + path, json.dumps(body or {}).encode(), method=method)
    with urllib.request.urlopen(request) as response:
        return json.load(response)


def read(path):
    with urllib.request.urlopen(URL + path) as response:
        return json.load(response)


def configure(client, **changes):
    configuration = client.get_account_configurations()
    return client.set_account_configurations(configuration.model_copy(update=changes))


def market(symbol, qty, side=OrderSide.BUY, **more):
    return MarketOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=TimeInForce.DAY, **more)


def limit(symbol, qty, price, side=OrderSide.BUY, tif=TimeInForce.DAY, **more):
    return LimitOrderRequest(symbol=symbol, qty=qty, side=side, time_in_force=tif, limit_price=price, **more)


def refusal(call):
    with pytest.raises(APIError) as caught:
        call()
    return caught.value


def test_account(client):
    account = client.get_account()
    assert account.account_number
    assert account.status.value == "ACTIVE"
    assert account.currency == "USD"
    assert Decimal(account.cash) == Decimal(account.equity)
    assert account.shorting_enabled
    assert account.trade_suspended_by_user is False
    assert isinstance(account.created_at, datetime)


def test_clock_and_calendar(client):
    clock = client.get_clock()
    assert clock.is_open
    assert clock.next_close > clock.timestamp
    assert abs(clock.timestamp - datetime.now(UTC)) < timedelta(minutes=1)
    days = client.get_calendar(GetCalendarRequest(start=date(2026, 11, 23), end=date(2026, 11, 24)))
    assert [day.date for day in days] == [date(2026, 11, 23), date(2026, 11, 24)]
    assert days[0].open < days[0].close


def test_configuration_suspends_trading(client):
    changed = configure(client, suspend_trade=True)
    assert isinstance(changed, AccountConfiguration)
    assert changed.suspend_trade
    assert client.get_account().trade_suspended_by_user
    error = refusal(lambda: client.submit_order(market("AAPL", 1)))
    assert error.status_code == 403
    assert error.code == 40310000
    assert error.message == "new orders are rejected by user request"
    assert configure(client, suspend_trade=False).suspend_trade is False


def test_market_order_fills(client):
    order = client.submit_order(market("AAPL", 3))
    assert order.status == OrderStatus.PENDING_NEW
    assert order.order_type == OrderType.MARKET
    filled = client.get_order_by_id(order.id)
    assert filled.status == OrderStatus.FILLED
    assert Decimal(filled.filled_qty) == 3
    quote = data().get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert Decimal(filled.filled_avg_price) == Decimal(str(quote.ask_price))
    position = client.get_open_position("AAPL")
    assert position.side == PositionSide.LONG
    assert Decimal(position.qty) == 3
    assert position.exchange in list(AssetExchange)
    assert Decimal(position.avg_entry_price) == Decimal(filled.filled_avg_price)


def test_notional_and_fractional_orders(client):
    order = client.submit_order(
        MarketOrderRequest(symbol="MSFT", notional=100.5, side=OrderSide.BUY, time_in_force=TimeInForce.DAY)
    )
    assert order.qty is None and Decimal(order.notional) == Decimal("100.5")
    client.submit_order(market("MSFT", 0.25))
    error = refusal(
        lambda: client.submit_order(
            MarketOrderRequest(symbol="MSFT", qty=0.5, side=OrderSide.BUY, time_in_force=TimeInForce.GTC)
        )
    )
    assert (error.status_code, error.code) == (422, 42210000)
    assert error.message == "fractional orders must be DAY orders"


def test_every_simple_type_is_understood(client):
    client.submit_order(market("NVDA", 8))
    requests_ = [
        limit("NVDA", 1, 150.25, OrderSide.SELL, TimeInForce.GTC),
        StopOrderRequest(
            symbol="NVDA", qty=1, side=OrderSide.SELL, time_in_force=TimeInForce.GTC, stop_price=90.5
        ),
        StopLimitOrderRequest(
            symbol="NVDA",
            qty=1,
            side=OrderSide.SELL,
            time_in_force=TimeInForce.DAY,
            stop_price=90,
            limit_price=89.5,
        ),
        TrailingStopOrderRequest(
            symbol="NVDA", qty=1, side=OrderSide.SELL, time_in_force=TimeInForce.DAY, trail_percent=10
        ),
        TrailingStopOrderRequest(
            symbol="NVDA", qty=1, side=OrderSide.SELL, time_in_force=TimeInForce.DAY, trail_price=20.5
        ),
    ]
    orders = [client.submit_order(request) for request in requests_]
    assert [order.type for order in orders] == [request.type for request in requests_]
    listed = client.get_orders(GetOrdersRequest(symbols=["NVDA"]))
    assert {order.id for order in listed} == {order.id for order in orders}
    assert all(order.status == OrderStatus.NEW for order in listed)
    assert next(order for order in listed if order.trail_percent).hwm is not None
    immediate = client.submit_order(limit("SPY", 1, 400, tif=TimeInForce.IOC))
    assert client.get_order_by_id(immediate.id).status == OrderStatus.CANCELED


def test_bracket_life(client):
    control("/sim/prices/AAPL", {"price": "190"})
    order = client.submit_order(
        limit(
            "AAPL",
            5,
            195,
            tif=TimeInForce.GTC,
            order_class=OrderClass.BRACKET,
            take_profit=TakeProfitRequest(limit_price=210),
            stop_loss=StopLossRequest(stop_price=180, limit_price=179.5),
        )
    )
    assert order.order_class == OrderClass.BRACKET
    assert [leg.status for leg in order.legs] == [OrderStatus.HELD, OrderStatus.HELD]
    entered = client.get_order_by_id(order.id, GetOrderByIdRequest(nested=True))
    assert entered.status == OrderStatus.FILLED
    assert [leg.status for leg in entered.legs] == [OrderStatus.NEW, OrderStatus.HELD]
    assert len(client.get_orders(GetOrdersRequest(symbols=["AAPL"]))) == 1
    nested = client.get_orders(GetOrdersRequest(symbols=["AAPL"], nested=True))
    assert [len(each.legs) for each in nested] == [2]
    control("/sim/prices/AAPL", {"price": "179.9"})
    done = client.get_order_by_id(order.id, GetOrderByIdRequest(nested=True))
    assert [leg.status for leg in done.legs] == [OrderStatus.CANCELED, OrderStatus.FILLED]
    assert client.get_all_positions() == []
    control("/sim/prices/AAPL", {"price": "190.5"})


def test_oto_and_oco(client):
    order = client.submit_order(
        market("MSFT", 2, order_class=OrderClass.OTO, stop_loss=StopLossRequest(stop_price=300))
    )
    entered = client.get_order_by_id(order.id, GetOrderByIdRequest(nested=True))
    assert [leg.type for leg in entered.legs] == [OrderType.STOP]
    client.cancel_order_by_id(entered.legs[0].id)
    exit_ = client.submit_order(
        LimitOrderRequest(
            symbol="MSFT",
            qty=2,
            side=OrderSide.SELL,
            time_in_force=TimeInForce.GTC,
            order_class=OrderClass.OCO,
            take_profit=TakeProfitRequest(limit_price=600),
            stop_loss=StopLossRequest(stop_price=300),
        )
    )
    assert exit_.order_class == OrderClass.OCO
    assert [leg.type for leg in exit_.legs] == [OrderType.STOP]
    assert Decimal(client.get_open_position("MSFT").qty_available) == 0


def test_client_order_id_is_unique_for_ever(client):
    name = "cs-" + str(uuid.uuid4())
    order = client.submit_order(market("AAPL", 1, client_order_id=name))
    assert client.get_order_by_client_id(name).id == order.id
    error = refusal(lambda: client.submit_order(market("AAPL", 1, client_order_id=name)))
    assert (error.status_code, error.code, error.message) == (422, 40010001, "client_order_id must be unique")
    assert read("/sim/received?client_order_id=" + name)["count"] == 2
    missing = refusal(lambda: client.get_order_by_client_id("cs-" + str(uuid.uuid4())))
    assert (missing.status_code, missing.code) == (404, 40410000)


def test_refusals(client):
    poor = refusal(lambda: client.submit_order(market("SPY", 10_000_000)))
    assert (poor.status_code, poor.code, poor.message) == (403, 40310000, "insufficient buying power")
    assert "buying_power" in json.loads(poor._error)
    unknown = refusal(lambda: client.submit_order(market("ZZZQ", 1)))
    assert unknown.status_code == 422 and 'asset "ZZZQ" not found' in unknown.message
    nothing = refusal(lambda: client.get_open_position("QQQ"))
    assert (nothing.status_code, nothing.code, nothing.message) == (404, 40410000, "position does not exist")
    client.submit_order(market("AAPL", 2))
    client.submit_order(limit("AAPL", 2, 250, OrderSide.SELL))
    held = refusal(lambda: client.submit_order(market("AAPL", 1, OrderSide.SELL)))
    assert held.message == "insufficient qty available for order (requested: 1, available: 0)"
    wash = refusal(lambda: client.submit_order(market("AAPL", 1)))
    assert wash.message == "potential wash trade detected. use complex orders"


def test_shorts(client):
    client.submit_order(market("TSLA", 5, OrderSide.SELL))
    position = client.get_open_position("TSLA")
    assert position.side == PositionSide.SHORT
    assert Decimal(position.qty) == -5
    assert Decimal(position.cost_basis) < 0
    order = client.close_position("TSLA")
    assert order.side == OrderSide.BUY
    configure(client, no_shorting=True)
    error = refusal(lambda: client.submit_order(market("TSLA", 5, OrderSide.SELL)))
    assert error.message == "account is not allowed to short"


def test_replace_and_cancel(client):
    order = client.submit_order(limit("AAPL", 2, 150))
    new = client.replace_order_by_id(order.id, ReplaceOrderRequest(qty=3, limit_price=151.5))
    assert new.replaces == order.id
    old = client.get_order_by_id(order.id)
    assert (old.status, old.replaced_by) == (OrderStatus.REPLACED, new.id)
    client.cancel_order_by_id(new.id)
    assert client.get_order_by_id(new.id).status == OrderStatus.CANCELED
    assert refusal(lambda: client.cancel_order_by_id(new.id)).status_code == 422
    kept = [client.submit_order(limit("AAPL", 1, price)) for price in (150, 149)]
    answers = client.cancel_orders()
    assert {answer.id for answer in answers} == {order.id for order in kept}
    assert all(answer.status == 200 for answer in answers)


def test_closing_positions(client):
    client.submit_order(market("AAPL", 10))
    client.close_position("AAPL", ClosePositionRequest(percentage="50"))
    client.close_position("AAPL", ClosePositionRequest(qty="1"))
    assert Decimal(client.get_open_position("AAPL").qty) == 4
    client.submit_order(market("MSFT", 3))
    client.submit_order(limit("MSFT", 1, 800, OrderSide.SELL))
    mixed = {answer.symbol: answer for answer in client.close_all_positions(cancel_orders=False)}
    assert mixed["AAPL"].status == 200 and isinstance(mixed["AAPL"].body, Order)
    assert mixed["MSFT"].status == 403
    rest = client.close_all_positions(cancel_orders=True)
    assert [answer.symbol for answer in rest] == ["MSFT"]
    assert client.get_all_positions() == []


def test_listing(client):
    start = datetime.now(UTC)
    orders = [client.submit_order(limit("F", 1, 9 + step / 100)) for step in range(5)]
    page = client.get_orders(
        GetOrdersRequest(status=QueryOrderStatus.ALL, symbols=["F"], after=start, limit=2, direction="asc")
    )
    assert [order.id for order in page] == [order.id for order in orders[:2]]
    newest = client.get_orders(
        GetOrdersRequest(status=QueryOrderStatus.OPEN, symbols=["F"], side=OrderSide.BUY)
    )
    assert newest[0].id == orders[-1].id
    closed = client.get_orders(GetOrdersRequest(status=QueryOrderStatus.CLOSED, limit=500))
    assert all(order.status.value in ("filled", "canceled", "expired", "replaced") for order in closed)


def test_activities_and_history(client):
    order = client.submit_order(market("AAPL", 1))
    fills = client.get("/account/activities/FILL", {"page_size": 100})
    fill = next(fill for fill in fills if fill["order_id"] == str(order.id))
    assert fill["activity_type"] == ActivityType.FILL.value
    assert (fill["type"], fill["leaves_qty"], fill["cum_qty"]) == ("fill", "0", "1")
    following = client.get("/account/activities/FILL", {"page_size": 1, "page_token": fills[0]["id"]})
    assert following == fills[1:2]
    history = client.get_portfolio_history(GetPortfolioHistoryRequest(period="1M", timeframe="1D"))
    assert len(history.timestamp) == len(history.equity) >= 1


def test_assets(client):
    asset = client.get_asset("AAPL")
    assert asset.tradable and asset.fractionable
    assert refusal(lambda: client.get_asset("ZZZ")).status_code == 404


def data():
    return StockHistoricalDataClient("key", "secret", url_override=URL)


def test_market_data(client):
    control("/sim/prices/AAPL", {"bid": "190.49", "ask": "190.51"})
    quotes = data().get_stock_latest_quote(StockLatestQuoteRequest(symbol_or_symbols=["AAPL", "MSFT"]))
    assert quotes["AAPL"].ask_price == 190.51 and quotes["AAPL"].bid_price == 190.49
    assert quotes["MSFT"].timestamp <= datetime.now(UTC)
    trade = data().get_stock_latest_trade(StockLatestTradeRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert trade.price == 190.5
    snapshot = data().get_stock_snapshot(StockSnapshotRequest(symbol_or_symbols="AAPL"))["AAPL"]
    assert snapshot.latest_quote.ask_price == 190.51


def test_partial_fill(client):
    control("/sim/partial-fills", {"qty": "4", "hold_rest": True, "symbol": "AMD"})
    order = client.submit_order(market("AMD", 10))
    part = client.get_order_by_id(order.id)
    assert part.status == OrderStatus.PARTIALLY_FILLED
    assert Decimal(part.filled_qty) == 4
    control(f"/sim/orders/{order.id}/release")
    assert client.get_order_by_id(order.id).status == OrderStatus.FILLED


def test_a_dropped_connection_hides_an_order_that_was_taken(client):
    name = "cs-" + str(uuid.uuid4())
    control("/sim/faults", {"kind": "drop", "performs": True})
    with pytest.raises(requests.exceptions.ConnectionError):
        client.submit_order(market("AAPL", 1, client_order_id=name))
    assert client.get_order_by_client_id(name).status == OrderStatus.FILLED
    assert read("/sim/received?client_order_id=" + name)["count"] == 1


def test_a_client_that_sends_again_after_504_is_seen_doing_so(client):
    name = "cs-" + str(uuid.uuid4())
    control("/sim/faults", {"kind": "answer", "status": 504, "performs": True})
    error = refusal(lambda: client.submit_order(market("AAPL", 1, client_order_id=name)))
    assert error.message == "client_order_id must be unique"
    assert read("/sim/received?client_order_id=" + name)["count"] == 2
    assert Decimal(client.get_open_position("AAPL").qty) == 1


def test_keys_are_required():
    assert requests.get(URL + "/v2/account", timeout=30).status_code == 401
