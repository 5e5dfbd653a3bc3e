"""Weeks that were: what the account was worth, what was closed, what was proposed and decided.

Written by the database's superuser with triggers switched off, because nobody else can put anything into the past.
"""

import datetime
import functools
import json
import math
from urllib.parse import urlsplit, urlunsplit
from zoneinfo import ZoneInfo

import exchange_calendars
import psycopg

NEW_YORK = ZoneInfo("America/New_York")


def newest_due_week(now=None):
    """The Monday of the newest week whose report is due: that is on Sunday at 09:00 in New York."""
    now = (now or datetime.datetime.now(datetime.UTC)).astimezone(NEW_YORK)
    monday = (now - datetime.timedelta(hours=9)).date()
    monday -= datetime.timedelta(days=monday.weekday())
    sunday = datetime.datetime.combine(monday + datetime.timedelta(days=6), datetime.time(9), NEW_YORK)
    return monday if now >= sunday else monday - datetime.timedelta(days=7)


def week_name(monday):
    year, week, _ = monday.isocalendar()
    return f"{year}-W{week:02}"


LAST = newest_due_week()
WEEK = week_name(LAST)
CLOSED = week_name(LAST - datetime.timedelta(days=7))

# Symbol, direction, shares, entry, exit; on which weekday it ended, or after it where that is a holiday.
TRIPS = [
    ("NVDA", "long", 40, 118.2, 121.4, 0),
    ("AAPL", "long", 20, 200.1, 197.25, 1),
    ("AMD", "short", 30, 141.0, 138.4, 1),
    ("MSFT", "long", 12, 402.5, 408.9, 2),
    ("TSLA", "long", 15, 248.6, 241.3, 3),
    ("GOOGL", "long", 25, 168.0, 171.2, 4),
]


@functools.cache
def sessions(monday):
    """The trading days of a week."""
    calendar = exchange_calendars.get_calendar("XNYS")
    days = (monday + datetime.timedelta(days=number) for number in range(5))
    return [day for day in days if calendar.is_session(str(day))]


def trip_day(monday, weekday):
    """The trading day on which a round trip of that weekday ends."""
    day = monday + datetime.timedelta(days=weekday)
    return next((each for each in sessions(monday) if each >= day), sessions(monday)[-1])


def trips_of(day):
    """What ended on that day of the last week."""
    return [trip for trip in TRIPS if trip_day(LAST, trip[-1]) == day]


def as_superuser(database):
    parts = urlsplit(database.server.url)
    url = urlunsplit((parts.scheme, parts.netloc, "/" + database.name, parts.query, ""))
    session = psycopg.connect(url, autocommit=True)
    session.execute("SET session_replication_role = replica")
    return session


def trading_days(count):
    """Weekdays up to the last due Friday."""
    day, days = LAST + datetime.timedelta(days=4), []
    while len(days) < count:
        if day.weekday() < 5:
            days.append(day)
        day -= datetime.timedelta(days=1)
    return days[::-1]


def write_account(session, cash=100_000, days=26):
    """The worth of the account day by day, up and down, and back at the start at the end."""
    peak, before = 0.0, None
    for index, day in enumerate(trading_days(days)):
        wave = math.sin(index / 3.1) * 620 + math.sin(index / 1.3) * 260
        equity = round(cash + wave * (1 - index / (days - 1)), 2)
        before = equity if before is None else before
        peak = max(peak, equity)
        drawdown = round((peak - equity) / peak, 9)
        at = datetime.datetime.combine(day, datetime.time(15, 59), NEW_YORK)
        session.execute(
            """INSERT INTO account_days VALUES (%s, %s, %s, 0, 0, 0, 0, %s, %s, %s, %s, %s, %s, 5, %s, %s)""",
            [day, before, equity, peak, at, drawdown, drawdown, min(before, equity), max(before, equity), at, at],
        )
        word = f'{{"account_number":"SIM1","status":"ACTIVE","equity":"{equity}","cash":"{equity}","buying_power":"0"}}'
        session.execute(
            """INSERT INTO account_snapshots (received_at, equity, cash, buying_power, account, positions)
               VALUES (%s, %s, %s, 0, %s, '[]')""",
            [at, equity, equity, word],
        )
        before = equity


def write_trips(session, monday=LAST):
    for number, (symbol, direction, qty, entry, exit, weekday) in enumerate(TRIPS):
        day = trip_day(monday, weekday)
        opened, closed = (
            datetime.datetime.combine(day, datetime.time(hour, number), NEW_YORK) for hour in (10, 14)
        )
        sides = ("buy", "sell") if direction == "long" else ("sell", "buy")
        names = [f"past-{monday}-{number}-{part}" for part in ("in", "out")]
        pnl = round((exit - entry) * qty * (1 if direction == "long" else -1), 2)
        for name, side, price, at in zip(names, sides, (entry, exit), (opened, closed), strict=True):
            session.execute(
                """INSERT INTO executions (execution_id, kind, part, symbol, side, qty, price, executed_at)
                   VALUES (%s, 'fill', 'external', %s, %s, %s, %s, %s)""",
                [name, symbol, side, qty, price, at],
            )
            session.execute(
                "INSERT INTO bookings VALUES ('account', '', %s, %s, %s, %s, 0, 0, 0, 0)",
                [symbol, name, at, day],
            )
        session.execute(
            """INSERT INTO round_trips VALUES ('account', '', %s, %s, %s, %s, NULL, %s, %s, %s, %s, %s, 0, false, %s, %s, %s)""",
            [symbol, names[0], direction, opened, qty, qty * entry, qty, qty * exit, pnl, closed, names[1], day],
        )


def findings(**outcomes):
    """As the server keeps them: all members of each."""
    return json.dumps(
        [
            {"code": code, "outcome": outcome, "limit": None, "value": None, "detail": "as it was"}
            for code, outcome in outcomes.items()
        ]
    )


CHECKS = {
    "passed": findings(max_position_usd="pass"),
    "blocked": findings(max_position_usd="fail", trading_hours="pass", duplicate_window_seconds="fail"),
}


def write_proposals(session, count, monday=LAST):
    """Proposals of two bots through the week, and people's decisions on them; set up people and keys before."""
    start, end = (
        datetime.datetime.combine(day, datetime.time(9, 40), NEW_YORK)
        for day in (sessions(monday)[0], sessions(monday)[-1])
    )
    session.execute(
        """
        WITH made AS (
            SELECT n, gen_random_uuid() AS id, %(start)s::timestamptz + n::float8 * %(seconds)s / %(count)s * interval '1 second' AS at,
                (ARRAY['lapsed', 'lapsed', 'lapsed', 'rejected', 'rejected', 'expired', 'blocked', 'withdrawn'])[1 + n %% 8]
                AS state, (ARRAY['limit', 'limit', 'market', 'limit', 'stop', 'limit', 'stop_limit'])[1 + n %% 7] AS type
            FROM generate_series(1, %(count)s) AS n
        ), written AS (
            INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty, type,
                limit_price, stop_price, time_in_force, stop_loss_stop_price, take_profit_limit_price, reference_price, strategy,
                rationale, notional, is_reducing, client_order_id, canonical_order, order_hash, tier,
                approvals_required, policy_version, checks, created_at, expires_at, validity_minutes, blocked_reason)
            SELECT made.id, 'paper', k.id, CASE n %% 3 WHEN 0 THEN 'shorgan-bot' ELSE 'dee-bot' END,
                sha256(convert_to('past' || n, 'UTF8')), (ARRAY['NVDA', 'AAPL', 'AMD', 'MSFT', 'TSLA', 'GOOGL'])[1 + n %% 6],
                'buy', 1 + n %% 40, made.type, CASE WHEN made.type IN ('limit', 'stop_limit') THEN 100 + n %% 50 END,
                CASE WHEN made.type IN ('stop', 'stop_limit') THEN 98 + n %% 50 END, 'day', 92 + n %% 50, 120 + n %% 50, 100 + n %% 50,
                (ARRAY['momentum', 'pairs', 'catalyst'])[1 + n %% 3], 'Breaks out of its range.',
                (1 + n %% 40) * (100 + n %% 50), false, 'cs-past-' || %(monday)s || n, 'past' || n,
                encode(sha256(convert_to('past' || n, 'UTF8')), 'hex'), 'standard', 1, 1,
                CASE made.state WHEN 'blocked' THEN %(blocked)s::json ELSE %(passed)s::json END,
                made.at, made.at + interval '30 minutes', 15, CASE made.state WHEN 'blocked' THEN '' END
            FROM made
            CROSS JOIN (SELECT id FROM api_keys WHERE scope = 'propose' LIMIT 1) AS k
            ORDER BY n
            RETURNING id, sequence, symbol, side, keenness, expires_at
        )
        INSERT INTO proposal_states (proposal_id, sequence, state, symbol, side, keenness, expires_at, decided_at, decided_by)
        SELECT id, sequence, state, symbol, side, keenness, expires_at, expires_at, 'system'
        FROM written
        JOIN made USING (id)
        """,
        {"count": count, "start": start, "seconds": (end - start).total_seconds(), "monday": str(monday), **CHECKS},
    )
    session.execute(
        """
        INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method, decided_at)
        SELECT gen_random_uuid(), p.id, u.id, CASE p.state WHEN 'lapsed' THEN 'approve' ELSE 'reject' END, p.order_hash,
            'pin', p.created_at + (1 + p.sequence * 7919 %% 1500) * (1 + p.sequence %% 7) * interval '0.15 seconds'
        FROM proposals p
        JOIN (SELECT id, row_number() OVER (ORDER BY name) AS place, count(*) OVER () AS people FROM users
            WHERE role IN ('approver', 'operator')) AS u ON u.place = 1 + p.sequence %% u.people
        WHERE p.state IN ('lapsed', 'rejected') AND p.created_at > %s AND NOT EXISTS (
            SELECT FROM decisions d WHERE d.proposal_id = p.id)
        """,
        [start],
    )


def write_unfilled(session):
    """Every fourth of what lapsed was released instead, and its order ended without a share."""
    session.execute(
        """
        UPDATE proposal_states SET state = 'released'
        FROM proposal_terms
        WHERE id = proposal_id AND state = 'lapsed' AND client_order_id LIKE 'cs-past-%' AND proposal_terms.sequence % 4 = 0
        """
    )
    session.execute(
        """
        INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing, order_hash,
            document, key_id, signature, released_at, valid_until, finished_at)
        SELECT gen_random_uuid(), id, client_order_id, 'expired', symbol, side, qty, notional, is_reducing, order_hash,
            '{}', 'past', convert_to(repeat('x', 64), 'UTF8'), decided_at, decided_at, decided_at
        FROM proposals
        WHERE state = 'released' AND client_order_id LIKE 'cs-past-%'
        """
    )


def write_past(database, proposals=64):
    """Five weeks of the account, and two weeks with trades and decisions."""
    with as_superuser(database) as session:
        write_account(session)
        for monday in (LAST - datetime.timedelta(days=7), LAST):
            write_trips(session, monday)
            write_proposals(session, proposals, monday)
        write_unfilled(session)
