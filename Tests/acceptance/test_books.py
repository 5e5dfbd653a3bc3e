"""The books, from the broker's own statement: an entry, the exit that hangs on it, a stranger's order, a deposit."""

import json

import pytest
import requests

from harness.waiting import wait_until


@pytest.fixture(scope="module")
def desk(desks):
    return desks(cash="100000").set_up(channels=False).start()


def metrics(desk):
    return desk.api("read").read("/risk/metrics")


def held(desk, symbol):
    found = desk.api("read").read("/positions/active")["items"]
    return next((each for each in found if each["symbol"] == symbol), None)


def rebuilt(desk):
    return json.loads(desk.command("books", "rebuild", "--check", "--json").out)


def test_a_position_has_its_cost_its_stop_and_its_strategy_and_its_exit_ends_the_round_trip(desk):
    price = float(desk.limit_price("NVDA"))
    asked = desk.propose("NVDA", strategy="momentum", stop_loss={"stop_price": f"{price * 0.9:.2f}"})
    desk.approve(asked)
    asked = desk.wait_order(asked["id"], "filled")
    position = wait_until(
        lambda: (
            (found := held(desk, "NVDA")) and found["is_reconciled"] and found["stop_status"] == "live" and found
        ),
        "the position in the books, with its stop",
    )
    assert position["qty"] == asked["qty"] and position["days_held"] == 0
    (part,) = position["strategies"]
    assert part == {
        "strategy": "momentum",
        "qty": asked["qty"],
        "cost_basis": position["cost_basis"],
        "unrealized_pnl": part["unrealized_pnl"],
    }
    assert float(part["unrealized_pnl"]) == pytest.approx(float(position["unrealized_pnl"]), abs=0.01)
    assert metrics(desk)["positions_without_stop"] == []

    desk.control("prices/NVDA", {"price": f"{price * 0.85:.2f}"})
    told = wait_until(
        lambda: (found := metrics(desk))["trades"]["count"] == 1 and found, "the round trip that the stop ended"
    )
    assert told["trades"]["losses"] == told["trades"]["consecutive_losses"] == 1
    assert float(told["trades"]["total"]) < 0 and float(told["result"]["daily_pnl"]) < 0
    assert float(told["drawdown"]["current"]) > 0 and told["returns"]["sharpe"]["value"] is None
    wait_until(lambda: held(desk, "NVDA") is None, "the position gone")
    (result,) = metrics(desk)["strategies"]
    assert result["strategy"] == "momentum" and result["positions"] == 0 and float(result["unrealized_pnl"]) == 0
    assert float(result["total"]) == pytest.approx(float(told["trades"]["total"]), abs=1e-6)
    order = desk.order(asked)
    assert [fill["qty"] for fill in order["fills"]] == [asked["qty"]], "the exit is not the order's own fill"
    assert rebuilt(desk)["differences"] == []

    # What it lost as a multiple of what was risked, in the report as on the page.
    day = told["result"]["trading_day"]
    (trip,) = desk.api("read").read(f"/reports/daily/{day}")["positions_closed"]
    risked = abs(float(trip["entry_price"]) - float(trip["stop_price"])) * float(trip["qty"])
    assert float(trip["stop_price"]) == float(asked["stop_loss"]["stop_price"])
    assert float(trip["r_multiple"]) == pytest.approx(float(trip["realized_pnl"]) / risked, abs=1e-6)
    assert float(trip["r_multiple"]) < -0.5
    visitor = desk.visitor()
    visitor.log_in("carol", desk.pins["carol"])
    cell = visitor.get("/positions").soup.select_one("td[data-label='R multiple']")
    assert cell.get_text(strip=True) == f"{float(trip['r_multiple']):.2f}".replace("-", "−")


def test_an_order_made_at_the_broker_is_external_and_a_deposit_is_no_profit(desk):
    before = metrics(desk)
    requests.post(
        desk.simulator + "/v2/orders",
        json={"symbol": "AAPL", "qty": "5", "side": "buy", "type": "market", "time_in_force": "day"},
        headers={"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": "x"},
        timeout=30,
    ).raise_for_status()
    position = wait_until(
        lambda: (found := held(desk, "AAPL")) and found["is_reconciled"] and found, "the stranger's position"
    )
    (part,) = position["strategies"]
    assert part["strategy"] is None and part["qty"] == "5"
    named, stranger = metrics(desk)["strategies"]
    assert named["strategy"] == "momentum" and stranger["strategy"] is None and stranger["positions"] == 1
    assert float(stranger["total"]) == pytest.approx(float(stranger["unrealized_pnl"]) + float(stranger["realized_pnl"]))
    visitor = desk.visitor()
    visitor.log_in("carol", desk.pins["carol"])
    rows = visitor.get("/positions").soup.select("td[data-label='In all']")
    assert [row.find_previous("th").get_text(strip=True) for row in rows] == ["momentum", "not made here"]
    assert position["stop_status"] == "none"

    desk.control("cash", {"amount": "50000"})
    after = wait_until(
        lambda: (found := metrics(desk))["result"]["capital_flows"] == "50000" and found, "the deposit"
    )
    difference = float(after["result"]["daily_pnl"]) - float(before["result"]["daily_pnl"])
    assert abs(difference) < 1000, "a deposit is neither profit nor loss"
    assert float(after["drawdown"]["current"]) < 1 / 10
    assert float(after["drawdown"]["high_water_mark"]) > 140_000
    report = rebuilt(desk)
    assert report["differences"] == [] and report["cash_flows"] == 1 and report["executions"] == 3
    assert desk.api("read").read("/risk/mismatches")["items"] == []


def test_a_position_that_is_closed_on_command_ends_in_the_books_of_its_strategy(desk):
    asked = desk.propose("MSFT", strategy="pairs")
    desk.approve(asked)
    desk.wait_order(asked["id"], "filled")
    position = wait_until(
        lambda: (found := held(desk, "MSFT")) and found["is_reconciled"] and found, "the position in the books"
    )
    assert [part["strategy"] for part in position["strategies"]] == ["pairs"]
    stranger = next(each for each in metrics(desk)["strategies"] if each["strategy"] is None)
    desk.api("operate").send("/positions/MSFT/close", {"reason": "enough"}, (200, 201, 202))
    wait_until(lambda: held(desk, "MSFT") is None, "the position gone")
    own = wait_until(
        lambda: next(
            (each for each in metrics(desk)["strategies"] if each["strategy"] == "pairs" and each["positions"] == 0), None
        ),
        "the strategy's position is over",
    )
    assert float(own["unrealized_pnl"]) == 0 and float(own["realized_pnl"]) != 0
    found = next(each for each in metrics(desk)["strategies"] if each["strategy"] is None)
    assert (found["positions"], found["realized_pnl"]) == (stranger["positions"], stranger["realized_pnl"])
    assert rebuilt(desk)["differences"] == []
