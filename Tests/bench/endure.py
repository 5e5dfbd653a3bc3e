"""Memory over a million requests: pages, API, refusals and proposals in turn; the server's resident size on the way."""

import argparse
import itertools
import json
import sys
import time

from desk import Desk
from machine import Database, http_request, load


def get(path, key):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\n\r\n".encode()


def requests(desk, known):
    """Of every kind one after the other: what bots, people, scripts, monitors and intruders ask."""
    proposals, paths = desk.proposals(10**9), itertools.cycle(known)
    kinds = [
        lambda: get("/api/v1/proposals?limit=5", desk.token),
        lambda: get(f"/api/v1/proposals/{next(paths)}", desk.token),
        lambda: get("/api/v1/trading/status", desk.token),
        lambda: get("/healthz", desk.token),
        lambda: get("/login", desk.token),
        lambda: get(f"/proposals/{next(paths)}", desk.token),
        lambda: get("/api/v1/proposals", "csk_nobody"),
        lambda: http_request("POST", "/api/v1/proposals", desk.propose, {"symbol": "?", "nonsense": [1, {"a": "b"}]}),
        lambda: get("/nothing/here?a=%20b", desk.token),
    ]
    turn = itertools.cycle(range(len(kinds)))
    while True:
        # One in two hundred is a proposal: it is stored, journalled and told.
        for _ in range(199):
            yield kinds[next(turn)]()
        yield next(proposals)


def sent(database, desk, part):
    """Sends a part. Where the machine stood still for so long that the server let go of silent connections, once more."""
    try:
        return load(database.directory, desk.server.port, part, connections=32)
    except SystemExit:
        print("a connection was closed; this part is sent again", flush=True)
        desk.report()
        return load(database.directory, desk.server.port, part, connections=32)


def main():
    parser = argparse.ArgumentParser(prog="ops/endure")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--every", type=int, default=50_000)
    options = parser.parse_args()
    database = Database()
    desk = None
    sizes = []
    try:
        database.sql("CREATE DATABASE bench", "postgres")
        desk = Desk(database)
        desk.server.start()
        desk.report()
        load(database.directory, desk.server.port, desk.proposals(64), connections=16)
        known = database.sql("SELECT id FROM proposals LIMIT 50").splitlines()
        stream, begun = requests(desk, known), time.monotonic()
        for count in range(0, options.requests, options.every):
            desk.report()
            part = list(itertools.islice(stream, min(options.every, options.requests - count)))
            figures = sent(database, desk, part)
            broken = {status: n for status, n in figures["statuses"].items() if status.startswith("5")}
            if broken:
                sys.exit(f"answers that should not be: {figures['statuses']}")
            sizes.append((count + options.every, round(desk.server.resident_mebibytes(), 1)))
            print(f"{sizes[-1][0]:>9,} requests  {sizes[-1][1]:6.1f} MiB  {figures['statuses']}", flush=True)
        seconds = time.monotonic() - begun
    finally:
        if desk:
            desk.server.stop()
        database.close()
    # What the first part fills (caches, pools, the heap's own) is no leak; what grows after it is.
    first, last = sizes[len(sizes) // 4][1], sizes[-1][1]
    print(json.dumps({"requests": sizes[-1][0], "seconds": round(seconds), "quarter_mib": first, "end_mib": last}))
    if last > first * 1.1 + 4:
        sys.exit(f"memory grows: {first} MiB after a quarter, {last} MiB at the end")


if __name__ == "__main__":
    main()
