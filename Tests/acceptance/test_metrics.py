"""Metrics, round trips and the calendar, judged by the libraries that others rely on."""

import gzip
import json
import math
import random
import subprocess
from importlib import resources

import empyrical
import exchange_calendars
import numpy
import pandas
import pytest
import quantstats.stats as quantstats
from harness.program import binary, clean_environment
from pyfolio import round_trips

NEAR = 1e-9


def run(*arguments, document=None):
    text = None if document is None else json.dumps(document)
    done = subprocess.run(
        [binary(), *arguments, "--json"],
        input=text,
        capture_output=True,
        text=True,
        env=clean_environment(),
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def real_returns(name):
    """Daily returns of an index, from the data that the package arch brings along."""
    file = resources.files(f"arch.data.{name}").joinpath(f"{name}.csv.gz")
    frame = pandas.read_csv(gzip.open(file.open("rb")), index_col=0, parse_dates=True)
    return frame["Adj Close"].pct_change().dropna()


def generated(seed, count):
    walk = numpy.random.default_rng(seed)
    dates = pandas.bdate_range("2020-01-01", periods=count)
    benchmark = pandas.Series(walk.normal(0.0004, 0.012, count), index=dates)
    own = 0.7 * benchmark + walk.normal(0.0002, 0.008, count)
    return own, benchmark


def samples():
    yield "sp500 beside nasdaq", lambda: (real_returns("sp500"), real_returns("nasdaq"))
    yield "the fall of 2008", lambda: (
        real_returns("sp500")["2008-01-01":"2009-06-30"],
        real_returns("nasdaq")["2008-01-01":"2009-06-30"],
    )
    for seed, count in ((1, 60), (2, 252), (3, 2520)):
        yield f"generated {seed}", lambda seed=seed, count=count: generated(seed, count)


@pytest.mark.parametrize("make", [pytest.param(make, id=name) for name, make in samples()])
def test_metrics_agree_with_empyrical_and_quantstats(make):
    own, benchmark = make()
    own, benchmark = own.align(benchmark, join="inner")
    told = run(
        "metrics", "-", document={"returns": list(own.values), "benchmark": list(benchmark.values)}
    )
    returns, beside = told["returns"], told["benchmark"]
    expected = {
        "sharpe": empyrical.sharpe_ratio(own),
        "sortino": empyrical.sortino_ratio(own),
        "volatility": empyrical.annual_volatility(own),
        "annual_return": empyrical.annual_return(own),
        "cumulative": empyrical.cum_returns_final(own),
        "max_drawdown": -empyrical.max_drawdown(own),
        "var_95": -empyrical.value_at_risk(own),
        "cvar_95": -empyrical.conditional_value_at_risk(own),
        "winning_days": quantstats.win_rate(own),
        "var_95_parametric": -quantstats.value_at_risk(own),
    }
    for name, value in expected.items():
        assert math.isclose(returns[name]["value"], value, rel_tol=NEAR, abs_tol=NEAR), name
    assert math.isclose(returns["sharpe"]["value"], quantstats.sharpe(own), rel_tol=NEAR, abs_tol=NEAR)
    assert math.isclose(returns["sortino"]["value"], quantstats.sortino(own), rel_tol=NEAR, abs_tol=NEAR)
    drawdown = -quantstats.max_drawdown(own)
    assert math.isclose(returns["max_drawdown"]["value"], drawdown, rel_tol=NEAR, abs_tol=NEAR)
    alpha, beta = empyrical.alpha_beta(own, benchmark)
    assert math.isclose(beside["beta"]["value"], beta, rel_tol=NEAR, abs_tol=NEAR)
    assert math.isclose(beside["alpha_annual"]["value"], alpha, rel_tol=NEAR, abs_tol=NEAR)
    assert math.isclose(beside["correlation"]["value"], own.corr(benchmark), rel_tol=NEAR, abs_tol=NEAR)
    excess = empyrical.cum_returns_final(own) - empyrical.cum_returns_final(benchmark)
    assert math.isclose(beside["excess_return"]["value"], excess, rel_tol=NEAR, abs_tol=NEAR)


def test_what_a_sample_does_not_carry_is_null_and_says_why():
    one = run("metrics", "-", document={"returns": [0.01]})["returns"]
    assert one["sharpe"] == {"value": None, "count": 1, "standing": "insufficient"}
    flat = run("metrics", "-", document={"returns": [0] * 30})["returns"]
    assert flat["sharpe"] == {"value": None, "count": 30, "standing": "undefined"}
    few = run("metrics", "-", document={"returns": [0.01, -0.02, 0.015]})["returns"]
    assert few["sharpe"]["standing"] == "insufficient" and few["var_95"]["value"] is None


def executions(seed, count):
    """Trades of whole shares, a minute apart, through nought and back."""
    chance = random.Random(seed)
    start = pandas.Timestamp("2026-03-02 14:31", tz="UTC")
    return [
        {
            "symbol": chance.choice(["NVDA", "AAPL"]),
            "side": chance.choice(["buy", "sell"]),
            "qty": str(chance.randint(1, 50)),
            "price": f"{chance.uniform(9, 11):.2f}",
            "executed_at": (start + pandas.Timedelta(minutes=minute)).isoformat(),
            "execution_id": f"{minute:05}",
        }
        for minute in range(count)
    ]


def pyfolio_profit(trades):
    """What pyfolio takes as realised, by symbol; it makes a round trip of each close."""
    frame = pandas.DataFrame(
        {
            "symbol": [trade["symbol"] for trade in trades],
            "price": [float(trade["price"]) for trade in trades],
            "amount": [
                int(trade["qty"]) * (1 if trade["side"] == "buy" else -1) for trade in trades
            ],
        },
        index=pandas.DatetimeIndex([trade["executed_at"] for trade in trades]),
    )
    return round_trips.extract_round_trips(frame).groupby("symbol")["pnl"].sum()


@pytest.mark.parametrize(
    ("lines", "profits"),
    [
        (["buy 100 10", "buy 100 11", "sell 150 12", "sell 50 9"], [150]),
        (["sell 10 50", "buy 10 45"], [50]),
        (["buy 10 50", "sell 25 55", "buy 15 60"], [50, -75]),
    ],
)
def test_round_trips_long_short_and_through_nought(lines, profits):
    trades = [
        {
            "symbol": "NVDA",
            "side": side,
            "qty": qty,
            "price": price,
            "executed_at": f"2026-03-02T15:0{minute}:00Z",
        }
        for minute, (side, qty, price) in enumerate(line.split() for line in lines)
    ]
    told = run("metrics", "-", document={"executions": trades})
    assert [float(trip["pnl"]) for trip in told["round_trips"]] == profits
    assert math.isclose(pyfolio_profit(trades)["NVDA"], sum(profits), abs_tol=1e-6)


@pytest.mark.parametrize("seed", range(3))
def test_profit_from_flat_to_flat_agrees_with_pyfolio(seed):
    trades = executions(seed, 150)
    # Both are made flat at the end, so that all is realised.
    for number, symbol in enumerate(("NVDA", "AAPL")):
        held = sum(
            int(trade["qty"]) * (1 if trade["side"] == "buy" else -1)
            for trade in trades
            if trade["symbol"] == symbol
        )
        if held:
            trades.append(
                {
                    "symbol": symbol,
                    "side": "sell" if held > 0 else "buy",
                    "qty": str(abs(held)),
                    "price": "10",
                    "executed_at": f"2026-03-03T15:0{number}:00Z",
                    "execution_id": f"end-{number}",
                }
            )
    told = run("metrics", "-", document={"executions": trades})
    expected = pyfolio_profit(trades)
    for symbol in ("NVDA", "AAPL"):
        ours = sum(float(trip["pnl"]) for trip in told["round_trips"] if trip["symbol"] == symbol)
        assert math.isclose(ours, expected[symbol], rel_tol=1e-9, abs_tol=1e-6)
    assert len(told["round_trips"]) > 5
    assert math.isclose(float(told["trades"]["total"]), expected.sum(), abs_tol=1e-6)


def test_the_calendar_agrees_with_exchange_calendars():
    calendar = exchange_calendars.get_calendar("XNYS", start="2015-01-01", end="2030-12-31")
    expected = [
        (date.strftime("%Y-%m-%d"), row.open.isoformat(), row.close.isoformat())
        for date, row in calendar.schedule["2015-01-01":"2030-12-31"].iterrows()
    ]
    told = run("calendar", "--from", "2015-01-01", "--to", "2030-12-31")
    ours = [
        (day["date"], day["opens_at"].replace("Z", "+00:00"), day["closes_at"].replace("Z", "+00:00"))
        for day in told
    ]
    assert len(ours) == len(expected) > 4000
    assert ours == expected
