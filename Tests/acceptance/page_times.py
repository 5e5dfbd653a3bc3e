"""How long the server takes for the pages that people wait for, by its own log and as a client sees it: run it on a
release build.

    COUNTERSIGN_BINARY=$PWD/.build/release/countersign .venv/bin/python Tests/acceptance/page_times.py
"""

import json
import statistics
import time

from harness.database import DatabaseServer
from harness.desk import Desk

ROUNDS = 300


def measure(desk, visitor, url, route):
    """The middle and the slow end of many."""
    seen = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        assert visitor.session.get(url, timeout=30).status_code == 200
        seen.append(1000 * (time.perf_counter() - begun))
    served = server_times(desk, route)
    return f"server {words(served)}; client {words(seen)}"


def server_times(desk, route):
    lines = (desk.directory / "server.log").read_text().splitlines()
    entries = [json.loads(line) for line in lines if f'"route":"{route}"' in line]
    times = [entry["duration_us"] / 1000 for entry in entries if entry["method"] == "GET"]
    assert len(times) >= ROUNDS, f"the log has {len(times)} requests of {route}"
    return times[-ROUNDS:]


def words(times):
    slow = sorted(times)[len(times) * 99 // 100]
    return f"median {statistics.median(times):.1f} ms, p99 {slow:.1f} ms"


def main():
    server = DatabaseServer()
    desk = Desk(server.create()).set_up(channels=False).start()
    try:
        visitor = desk.visitor()
        proposal = desk.propose("NVDA")
        visitor.log_in("alice", desk.pins["alice"])
        page = f"{desk.url}/proposals/{proposal['id']}"
        print(f"decision page, 1 pending:     {measure(desk, visitor, page, '/proposals/{id}')}")
        draft = desk.draft("AAPL")
        for number in range(999):
            desk.api("propose").propose({**draft, "external_ref": str(number)})
        print(f"decision page, 1,000 pending: {measure(desk, visitor, page, '/proposals/{id}')}")
        print(f"inbox, 1,000 pending:         {measure(desk, visitor, desk.url + '/', '/')}")
    finally:
        desk.close()
        server.close()


if __name__ == "__main__":
    main()
