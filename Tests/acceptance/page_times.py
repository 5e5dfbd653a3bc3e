"""How long the server takes for the pages that people wait for, as a client sees it: run it on a release build.

    COUNTERSIGN_BINARY=.build/release/countersign .venv/bin/python Tests/acceptance/page_times.py
"""

import statistics
import time

from harness.database import DatabaseServer
from harness.desk import Desk

ROUNDS = 200


def measure(visitor, url):
    """The best and the middle of many, as a client on the same machine sees them: the best is what a quiet machine does."""
    taken = []
    for _ in range(ROUNDS):
        begun = time.perf_counter()
        assert visitor.session.get(url, timeout=30).status_code == 200
        taken.append(1000 * (time.perf_counter() - begun))
    return f"best {min(taken):.1f} ms, median {statistics.median(taken):.1f} ms"


def main():
    server = DatabaseServer()
    desk = Desk(server.create()).set_up(channels=False).start()
    try:
        visitor = desk.visitor()
        proposal = desk.propose("NVDA")
        visitor.log_in("alice", desk.pins["alice"])
        page = f"{desk.url}/proposals/{proposal['id']}"
        print(f"decision page: {measure(visitor, page)}; 1 pending")
        draft = desk.draft("AAPL")
        for number in range(999):
            desk.api("propose").propose({**draft, "external_ref": str(number)})
        print(f"decision page: {measure(visitor, page)}; 1,000 pending")
        print(f"inbox:         {measure(visitor, desk.url + '/')}; 1,000 pending")
    finally:
        desk.close()
        server.close()


if __name__ == "__main__":
    main()
