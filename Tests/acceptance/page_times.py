"""How long the server takes for the pages that people wait for, by its own count: run it on a release build.

    COUNTERSIGN_BINARY=.build/release/countersign .venv/bin/python Tests/acceptance/page_times.py
"""

import re

from harness.database import DatabaseServer
from harness.desk import Desk

ROUNDS = 200


def seconds(desk, route):
    text = desk.visitor().session.get(desk.url + "/metrics", timeout=10).text
    found = re.findall(rf'http_request_seconds_(sum|count){{route="{re.escape(route)}"}} (\S+)', text)
    values = {name: float(value) for name, value in found}
    return values.get("sum", 0), values.get("count", 0)


def measure(desk, visitor, route, path):
    before = seconds(desk, route)
    for _ in range(ROUNDS):
        assert visitor.session.get(desk.url + path, timeout=10).status_code == 200
    after = seconds(desk, route)
    return 1000 * (after[0] - before[0]) / (after[1] - before[1])


def main():
    server = DatabaseServer()
    desk = Desk(server.create()).set_up(channels=False).start()
    try:
        visitor = desk.visitor()
        proposal = desk.propose("NVDA")
        visitor.log_in("alice", desk.pins["alice"])
        path = f"/proposals/{proposal['id']}"
        print(f"decision page: {measure(desk, visitor, '/proposals/{id}', path):.2f} ms, 1 pending")
        draft = desk.draft("AAPL")
        for number in range(999):
            desk.api("propose").propose({**draft, "external_ref": str(number)})
        print(f"decision page: {measure(desk, visitor, '/proposals/{id}', path):.2f} ms, 1,000 pending")
        print(f"inbox:         {measure(desk, visitor, '/', '/'):.2f} ms, 1,000 pending")
    finally:
        desk.close()
        server.close()


if __name__ == "__main__":
    main()
