"""What is left when all has come to rest: rows, journal, the broker's book."""

import json

import psycopg
import requests
from psycopg.rows import dict_row

TABLES = {
    "proposals": "SELECT * FROM proposals ORDER BY sequence",
    "decisions": """
        SELECT d.*, u.name, u.role
        FROM decisions d
        JOIN users u ON u.id = d.user_id
        ORDER BY decided_at
    """,
    "orders": "SELECT * FROM orders ORDER BY sequence",
    "fills": "SELECT * FROM fills",
    "journal": "SELECT * FROM journal ORDER BY id",
    "halts": "SELECT * FROM halts ORDER BY opened_at",
    "alerts": "SELECT * FROM alerts ORDER BY sequence",
    "deliveries": "SELECT d.*, c.kind AS channel FROM deliveries d LEFT JOIN channels c ON channel_id = c.id",
    "booked": "SELECT * FROM executions",
    "book_positions": "SELECT * FROM positions WHERE scope = 'account' AND qty <> 0",
    "mismatches": "SELECT * FROM reconcile_mismatches",
    "signing_keys": "SELECT * FROM signing_keys",
    "exposure": """
        SELECT symbol, side, sum(opening_qty) AS opening, sum(reducing_qty) AS reducing,
            sum(proposed_openings) AS proposed, sum(released_openings) AS released
        FROM (SELECT * FROM exposure UNION ALL SELECT * FROM exposure_changes) AS all_of_them
        GROUP BY symbol, side
    """,
}

UNREST = """
    SELECT
        (SELECT count(*) FROM proposals WHERE state IN ('pending', 'approved')) AS proposals,
        (SELECT count(*) FROM orders WHERE finished_at IS NULL) AS orders,
        (SELECT count(*) FROM orders o WHERE o.filled_qty
            > (SELECT coalesce(sum(qty), 0) FROM fills f WHERE f.order_id = o.id)) AS fills,
        (SELECT count(*) FROM orders WHERE turned_up_at IS NOT NULL AND NOT coalesce(broker_status, '')
            IN ('filled', 'canceled', 'expired', 'rejected')) AS astray,
        (SELECT count(*) FROM deliveries WHERE state = 'queued') AS deliveries,
        (SELECT count(*) FROM journal_unsealed) AS unsealed,
        (SELECT count(*) FROM halts WHERE completed_at IS NULL OR told_at IS NULL) AS halts
"""


def unrest(database):
    """How much is still under way, by kind; nothing where all has come to rest."""
    with psycopg.connect(database.url, row_factory=dict_row, connect_timeout=5) as session:
        row = session.execute(UNREST).fetchone()
    return {name: count for name, count in row.items() if count}


class Evidence:
    """Everything a judge looks at, read once."""

    def __init__(self, stage, answers):
        self.stage, self.answers = stage, answers
        with psycopg.connect(stage.database.url, row_factory=dict_row) as session:
            for name, query in TABLES.items():
                setattr(self, name, session.execute(query).fetchall())
            self.positions = session.execute("SELECT positions FROM account_state").fetchone()["positions"]
        self.proposal = {row["id"]: row for row in self.proposals}
        self.order = {row["id"]: row for row in self.orders}
        self.order_of = {row["proposal_id"]: row for row in self.orders}
        self.by_client_id = {row["client_order_id"]: row for row in self.orders}
        for entry in self.journal:
            entry["facts"] = json.loads(entry["data"])
        self.entries = {}
        for entry in self.journal:
            self.entries.setdefault(entry["subject"], []).append(entry)
        self.received = stage.received()["items"]
        pages = self.pages("/v2/orders?status=all&limit=500")
        self.book = {order["client_order_id"]: order for order in pages}
        self.executions = self.activities()
        self.holdings = self.ask("/v2/positions").json()

    def about(self, kind, id):
        return self.entries.get(f"{kind}:{id}", [])

    # The broker's own word

    def ask(self, path):
        headers = {"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": self.stage.broker_secret()}
        answer = requests.get(self.stage.simulator + path, headers=headers, timeout=60)
        assert answer.ok, f"{path}: {answer.text}"
        return answer

    def pages(self, path):
        found, before = [], ""
        while page := self.ask(path + before).json():
            found += page
            before = f"&before_order_id={page[-1]['id']}"
        return found

    def activities(self):
        found, token = [], ""
        while page := self.ask(f"/v2/account/activities/FILL?page_size=100&direction=asc{token}").json():
            found += page
            token = f"&page_token={page[-1]['id']}"
        return found
