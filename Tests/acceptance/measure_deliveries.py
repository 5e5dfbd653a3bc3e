"""How long a request for approval takes from being stored to a living destination, beside a dead one with a long queue.

Not a test: it prints figures. Run it on a quiet machine:

    COUNTERSIGN_TEST_DATABASE_URL=… COUNTERSIGN_TEST_PROGRAM=… python Tests/acceptance/measure_deliveries.py [N]
"""

import json
import sys
import time
from datetime import datetime

from harness.database import DatabaseServer
from harness.desk import Desk
from harness.doubles import Receiver
from harness.ports import free_port
from harness.waiting import wait_until

DEAD_QUEUE = 10_000


class Clocked(Receiver):
    """Slack, as far as it takes everything; keeps when each message came."""

    def __init__(self):
        self.came = {}
        super().__init__(self.take)

    def take(self, received):
        now = time.time()
        for word in received.body.decode().replace("/", '"').replace("|", '"').replace(">", '"').split('"'):
            if len(word) == 36 and word.count("-") == 4:
                self.came.setdefault(word, now)
        return 200, {}, b"ok"


def add_slack(desk, name, base):
    arguments = ("channel", "add", "slack", "--name", name, "--url-stdin", "--base-url", base)
    desk.command(*arguments, stdin=f"https://hooks.slack.com/services/T0/B0/{name}0123456789abcdef")


def queue_for_the_dead(desk):
    add_slack(desk, "dead", f"http://127.0.0.1:{free_port()}")
    with desk.database.connect() as session:
        session.execute(
            """
            INSERT INTO deliveries (channel_id, destination, kind, state, data)
            SELECT c.id, c.id::text, 'note', 'queued', '{}'
            FROM channels c, generate_series(1, %s)
            WHERE c.name = 'dead'
            """,
            [DEAD_QUEUE],
        )


def measure(desk, living, count):
    api, latencies = desk.api("propose"), []
    for number in range(count):
        proposal = api.propose(body(number))
        wait_until(lambda: proposal["id"] in living.came, "the request arrives", 60)
        stored = datetime.fromisoformat(proposal["created_at"].replace("Z", "+00:00")).timestamp()
        latencies.append((living.came[proposal["id"]] - stored) * 1000)
    return sorted(latencies)


def body(number):
    return {
        "symbol": "NVDA",
        "side": "buy",
        "qty": 1,
        "type": "limit",
        "limit_price": f"{100 + number % 20}.00",
        "time_in_force": "day",
        "strategy": "measure",
    }


def main():
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 300
    server, living = DatabaseServer(), Clocked()
    desk = Desk(server.create())
    try:
        desk.set_up(channels=False)
        queue_for_the_dead(desk)
        add_slack(desk, "living", living.url)
        desk.start()
        measure(desk, living, 20)
        found = measure(desk, living, count)
        with desk.database.connect() as session:
            query = "SELECT count(*) FROM deliveries WHERE state = 'queued' AND kind = 'note'"
            waiting = session.execute(query).fetchone()[0]
        figures = {"requests": count, "queued_for_the_dead": waiting}
        figures |= {f"p{p}_ms": round(found[min(count - 1, count * p // 100)], 1) for p in (50, 90, 99)}
        print(json.dumps(figures | {"max_ms": round(found[-1], 1)}))
    finally:
        desk.close()
        living.close()
        server.close()


if __name__ == "__main__":
    main()
