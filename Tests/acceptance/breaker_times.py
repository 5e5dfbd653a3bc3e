"""How long one look at all breakers takes beside 50 open positions, with all that is read for it: run it on a release
build.

    COUNTERSIGN_BINARY=$PWD/.build/release/countersign .venv/bin/python Tests/acceptance/breaker_times.py [positions]

The server takes the time itself (`countersign_breaker_seconds` of its metrics) at each sync that brings the account, as
in use; 1,000 round trips and 1,000 orders are in the books.
"""

import re
import sys

import requests
from harness.database import DatabaseServer
from harness.desk import OPEN_POLICY, Desk
from harness.past import as_superuser, write_account

ROUNDS = 500


def hold(session, symbols):
    """Positions of the account, and what was traded before, as the books would have them."""
    for symbol in symbols:
        session.execute(
            """INSERT INTO positions VALUES ('account', '', %s, 10, 1000, 0, 0, now() - interval '1 day', 'held')""",
            [symbol],
        )
    session.execute(
        """INSERT INTO round_trips (scope, target, symbol, opening_execution_id, direction, opened_at, entry_qty,
               entry_value, exit_qty, exit_value, realized_pnl, commission, is_adjusted, closed_at,
               closing_execution_id, trading_day)
           SELECT 'account', '', 'OLD' || n % 40, 'in-' || n, 'long', now() - make_interval(hours => n + 1), 10, 1000, 10,
               1000, CASE WHEN n % 3 = 0 THEN -5 ELSE 5 END, 0, false, now() - make_interval(hours => n), 'out-' || n,
               current_date
           FROM generate_series(1, 1000) AS n"""
    )


def message(symbols, number):
    positions = [
        {"symbol": symbol, "qty": "10", "avg_entry_price": "100", "current_price": str(100 + (number + index) % 3 / 10)}
        for index, symbol in enumerate(symbols)
    ]
    account = {
        "account_number": "SIM1", "status": "ACTIVE", "equity": "10000000", "cash": "9950000", "buying_power": "9950000",
    }
    return {"worker_id": "bench", "account": account, "positions": positions, "open_orders": []}


def taken(desk):
    """What the server counted so far: how often, how long in all, and how many up to each bound."""
    text = requests.get(desk.url + "/metrics", timeout=30).text
    named = re.findall(r'^countersign_breaker_seconds_(count|sum|bucket)(?:\{le="([^"]+)"\})? ([0-9.e+-]+)$', text, re.M)
    return {(kind, bound): float(value) for kind, bound, value in named}


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    symbols = [f"S{chr(65 + index // 26)}{chr(65 + index % 26)}" for index in range(count)]
    server = DatabaseServer()
    policy = {**OPEN_POLICY, "breakers": {}}  # all of the preset's
    desk = Desk(server.create(), policy=policy).set_up(channels=False)
    try:
        with as_superuser(desk.database) as session:
            write_account(session, cash=10_000_000)
            hold(session, symbols)
            session.execute("ANALYZE")
        desk.start_broker()
        desk.start_server()
        worker = desk.api("work")
        for number in range(20):
            worker.send("/worker/sync", message(symbols, number))
        before = taken(desk)
        for number in range(ROUNDS):
            worker.send("/worker/sync", message(symbols, number))
        after = taken(desk)
        more = {key: value - before.get(key, 0) for key, value in after.items()}
        looks = more["count", ""]
        assert looks >= ROUNDS, more
        print(f"one look at the breakers, {count} positions: mean {1000 * more['sum', ''] / looks:.3f} ms of {looks:.0f}")
        for (kind, bound), value in more.items():
            if kind == "bucket" and bound != "+Inf":
                print(f"  up to {1000 * float(bound):g} ms: {100 * value / looks:.1f} %")
        tripped = [halt["cause"] for halt in desk.api("read").read("/halts")["items"]]
        assert not tripped, tripped
    finally:
        desk.close()
        server.close()


if __name__ == "__main__":
    main()
