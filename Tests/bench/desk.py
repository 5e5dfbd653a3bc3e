"""A desk to measure: people, keys, a policy with every check on, an account, prices, and proposals by the thousand."""

import itertools
import json

from machine import Server, http_request

# Every check is on, with limits that thousands of proposals fit into.
POLICY = {
    "preset": "guarded-5k",
    "approval": {"timeout_minutes": 1000, "validity_minutes": 1000, "approvals": 1},
    "limits": {
        "max_position_usd": "900000000000", "max_position_pct": "0.9", "min_position_usd": "1",
        "cash_reserve_min_pct": "0.05", "max_open_positions": 1000, "max_new_positions_per_day": 1000,
        "max_new_positions_per_week": 1000, "min_confidence": 1, "min_catalyst_score": 1,
        "max_quote_age_seconds": 3600, "max_snapshot_age_seconds": 3600, "duplicate_window_seconds": 300,
        "max_slippage_pct": "0.05",
    },
}  # fmt: skip
SYMBOLS = [f"{a}{b}{c}" for a in "ABCDE" for b in "KLMNO" for c in "QRST"]
EVIDENCE = {"headline": "Quarterly revenue above every estimate", "source": "wire", "score": "0.87"}


class Desk:
    def __init__(self, database, name="bench"):
        self.database, self.name = database, name
        self.server = Server(database, name)
        self.server.command("migrate")
        self.server.command("user", "add", "alice", "--role", "approver", "--pin-stdin", stdin="48291557")
        self.token = self.server.command("user", "token", "alice", "--name", "bench")
        self.propose = self.server.command("key", "create", "--scope", "propose", "--name", "bench-bot")
        self.work = self.server.command("key", "create", "--scope", "work", "--name", "bench-worker")
        policy = database.directory / "policy.json"
        policy.write_text(json.dumps(POLICY))
        self.server.command("policy", "apply", str(policy))
        self._numbers = itertools.count(1)

    def report(self):
        """What a worker tells: the account, an open market, and a price for every symbol."""
        now = self.database.sql("SELECT to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS\"Z\"')", "postgres")
        self.server.call("POST", "/worker/sync", self.work, {
            "worker_id": "bench", "positions": [], "open_orders": [],
            "account": {
                "account_number": "BENCH1", "status": "ACTIVE", "equity": "900000000000", "cash": "900000000000",
                "buying_power": "900000000000", "multiplier": "1", "shorting_enabled": False,
                "last_equity": "900000000000",
            },
            "clock": {"is_open": True, "next_open": "2099-01-02T14:30:00Z", "next_close": "2099-01-02T21:00:00Z",
                      "timestamp": now},
            "quotes": [{"symbol": symbol, "bid": "118.10", "ask": "118.20", "quoted_at": now} for symbol in SYMBOLS],
        })  # fmt: skip

    def proposal(self):
        """The bytes of one more proposal; bots never ask for the same twice."""
        number = next(self._numbers)
        body = {
            "symbol": SYMBOLS[number % len(SYMBOLS)], "side": "buy", "qty": str(1 + number // len(SYMBOLS)),
            "type": "limit", "limit_price": "118.20", "time_in_force": "day", "stop_loss": {"stop_price": "108.75"},
            "take_profit": {"limit_price": "131.00"}, "reference_price": "118.15", "strategy": "momentum",
            "rationale": "Breakout above the range on twice the usual volume, with news behind it.",
            "confidence": 82, "catalyst_score": 71, "signal_id": f"signal-{number}", "evidence": EVIDENCE,
        }  # fmt: skip
        return http_request("POST", "/api/v1/proposals", self.propose, body, Idempotency_Key=f"bench-{number}")

    def proposals(self, count):
        return (self.proposal() for _ in range(count))

    def approvals(self, count, offset=0):
        """The bytes of approvals of pending proposals, the newest first."""
        rows = self.database.sql(
            f"SELECT id, order_hash FROM proposals WHERE state = 'pending' ORDER BY sequence DESC LIMIT {count}"
            f" OFFSET {offset}", self.name,
        ).splitlines()  # fmt: skip
        for row in rows:
            identity, order_hash = row.split("|")
            body = {"verdict": "approve", "order_hash": order_hash}
            yield http_request("POST", f"/api/v1/proposals/{identity}/decisions", self.token, body)
