"""How long the weekly report takes over a week with 100,000 proposals, and what in it: run it on a release build.

    COUNTERSIGN_BINARY="$PWD/.build/release/countersign" .venv/bin/python Tests/acceptance/review_times.py [proposals]

It names the statements that take longest, with their plans where they take more than a tenth of a second.
"""

import statistics
import sys
import time

from harness.database import DatabaseServer
from harness.desk import Desk
from harness.past import LAST, WEEK, as_superuser, write_account, write_proposals, write_trips, write_unfilled

ROUNDS = 15


def measure(call):
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        call()
        taken.append(1000 * (time.perf_counter() - begun))
    return f"best {min(taken):.0f} ms, median {statistics.median(taken):.0f} ms"


def slow_statements(session):
    if not session.execute("SELECT to_regclass('pg_stat_statements') IS NOT NULL").fetchone()[0]:
        return
    rows = session.execute(
        """SELECT round(mean_exec_time::numeric, 1), calls, regexp_replace(query, '\\s+', ' ', 'g')
           FROM pg_stat_statements ORDER BY mean_exec_time DESC LIMIT 6"""
    )
    for mean, calls, query in rows:
        print(f"  {mean} ms, {calls} times: {query[:150]}")


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    server = DatabaseServer()
    desk = Desk(server.create()).set_up(channels=False)
    try:
        with as_superuser(desk.database) as session:
            write_account(session, cash=10_000_000)
            write_trips(session)
            write_proposals(session, count)
            write_unfilled(session)
            # A report that was made already is only read; this one is to be worked out each time.
            session.execute("INSERT INTO reports (kind, period, document) VALUES ('weekly', '9999-W01', '{}')")
            session.execute("ANALYZE")
        desk.start_broker()
        desk.start_server()
        reader = desk.api("read")
        report = reader.read(f"/reports/weekly/{WEEK}")
        assert report["decisions"]["proposed"] == count, report["decisions"]
        print(f"weekly report over {count:,} proposals of {WEEK} (from {LAST}): "
              f"{measure(lambda: reader.read(f'/reports/weekly/{WEEK}'))}")
        print(f"its review:  {measure(lambda: reader.read(f'/reviews/{WEEK}'))}")
        with as_superuser(desk.database) as session:
            slow_statements(session)
    finally:
        desk.close()
        server.close()


if __name__ == "__main__":
    main()
