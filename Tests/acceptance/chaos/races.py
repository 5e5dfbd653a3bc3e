"""Two or more want to end the same thing at the same moment, on two servers: exactly one may succeed."""

import copy
import random
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import psycopg
import requests

from harness.api import Api
from harness.desk import OPEN_POLICY

from chaos.faults import named

# Each racer: who asks, what of. Before it: what is done first, and who acts beside those who ask.
CONTESTS = {
    "approval against expiry": (("alice", "approve"), ("bob", "approve"), "expiry"),
    "approval against withdrawal": (("alice", "approve"), ("propose", "withdraw")),
    "approval against rejection": (("alice", "approve"), ("bob", "reject")),
    "approval against approval": (("alice", "approve"), ("bob", "approve")),
    "rejection against withdrawal": (("bob", "reject"), ("propose", "withdraw")),
    "approval against halt": (("alice", "approve"), "halt"),
    "revocation against claim": ("released", ("alice", "revoke"), ("work", "claim")),
    "claim against claim": ("released", ("work", "claim"), ("work", "claim")),
    "late approval against claim": ("released", ("bob", "approve"), ("work", "claim")),
    "halt against claim": ("released", ("work", "claim"), "halt"),
    "revocation against halt": ("released", ("alice", "revoke"), "halt"),
    "last approval against withdrawal": ("two", "one voted", ("bob", "approve"), ("propose", "withdraw")),
    "last approval against rejection": ("two", "one voted", ("bob", "approve"), ("oscar", "reject")),
    "last approval against another": ("two", "one voted", ("bob", "approve"), ("oscar", "approve")),
}
SHIFT = """
    UPDATE proposal_states SET expires_at = %s::timestamptz + place * interval '25 milliseconds'
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS due (due_id, place)
    WHERE proposal_id = due_id AND state = 'pending'
"""


class Patient(Api):
    """Asks again where nothing was stored because the machine was too busy: that is no part of the contest."""

    def request(self, *arguments, **options):
        for _ in range(60):
            answer = super().request(*arguments, **options)
            if answer.status_code != 503:
                break
            time.sleep(0.5)
        return answer


class Races:
    """Contests at a desk with two servers and no worker: the claims are asked for here."""

    def __init__(self, desk, urls, seed):
        self.desk, self.urls, self.dice = desk, urls, random.Random(seed)
        self.crowd = ThreadPoolExecutor(24)
        self.local = threading.local()
        self.won, self.lost = [], []
        self.quote = {"symbol": "F", "bid": "12.00", "ask": "12.01"}
        self.stopping = threading.Event()

    def api(self, who, url):
        known = self.local.__dict__.setdefault("apis", {})
        if (who, url) not in known:
            known[who, url] = Patient(url, self.desk.keys.get(who) or self.desk.tokens.get(who))
        return known[who, url]

    def run(self, contest, count):
        """That many contests of one kind, some dozens at a time."""
        document = copy.deepcopy(OPEN_POLICY)
        document["approval"] = {"approvals": 2 if "two" in CONTESTS[contest] else 1}
        # On a busy machine the account and the price are soon old, and that is not what is contested.
        document["limits"] |= {"max_snapshot_age_seconds": 3600, "max_quote_age_seconds": 3600}
        self.desk.command("policy", "apply", self.desk.file("policy.json", document))
        over = threading.Event()
        worker = threading.Thread(target=self.keep_working, args=(over,), daemon=True)
        worker.start()
        for begun in range(0, count, 48):
            self.round(contest, min(48, count - begun))
        over.set()
        worker.join(60)

    def round(self, contest, count):
        parts = CONTESTS[contest]
        proposals = list(self.crowd.map(self.propose, range(count)))
        if "released" in parts:
            list(self.crowd.map(self.release, proposals))
            self.work()
        if "one voted" in parts:
            list(self.crowd.map(self.api("alice", self.urls[0]).decide, proposals))
        due = self.bring_near(proposals) if "expiry" in parts else {}
        racers = [(each, part) for each in proposals for part in parts if isinstance(part, tuple)]
        jobs = []
        halting = None
        if "halt" in parts:
            halting = threading.Timer(0.02 + self.dice.random() * 0.15, self.halt)
            halting.start()
        for index, (proposal, (who, what)) in enumerate(racers):
            moment = due.get(proposal["id"])
            # Every fifth well ahead of its deadline, so that some are in time on a slow machine too.
            ahead = self.dice.uniform(-0.08, 0.02) if index % 5 else self.dice.uniform(-0.6, -0.3)
            moment = moment and moment + ahead
            url = self.urls[(index + self.dice.randrange(2)) % 2]
            jobs.append(self.crowd.submit(self.race, proposal, who, what, url, moment))
        for job in jobs:
            job.result(120)
        if halting:
            halting.join()
            self.resume()

    # Before the contest

    def propose(self, _):
        body = {"symbol": "F", "side": "buy", "qty": "1", "type": "limit", "limit_price": "12.05"}
        body |= {"time_in_force": "day", "strategy": "race"}
        proposal = self.api("propose", self.dice.choice(self.urls)).propose(body)
        assert proposal["state"] == "pending", proposal["checks"]
        return proposal

    def release(self, proposal):
        answer = self.api("alice", self.urls[0]).decide(proposal)
        assert answer["state"] == "released", answer
        proposal["order_id"] = answer["order_id"]

    def bring_near(self, proposals):
        """Deadlines a few milliseconds apart, soon: no program may do that, so the guards are off for it."""
        start = time.time() + 1.5
        ids = [proposal["id"] for proposal in proposals]
        with psycopg.connect(named(self.desk.database)) as session:
            session.execute("SET LOCAL session_replication_role = replica")
            session.execute(SHIFT, [datetime.fromtimestamp(start).astimezone(), ids])
        return {id: start + 0.025 * (place + 1) for place, id in enumerate(ids)}

    def work(self):
        """What a worker says of the account, so that it holds the lease."""
        headers = {"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": self.desk.broker_secret()}

        def ask(path):
            return requests.get(self.desk.simulator + path, headers=headers, timeout=30).json()

        shown = ask("/v2/stocks/quotes/latest?symbols=F")["quotes"]["F"]
        self.quote |= {"quoted_at": shown["t"], "bid": str(shown["bp"]), "ask": str(shown["ap"])}
        body = {"worker_id": "racer", "account": ask("/v2/account"), "positions": [], "open_orders": []}
        body |= {"clock": ask("/v2/clock"), "quotes": [self.quote]}
        self.api("work", self.urls[0]).send("/worker/sync", body)

    def keep_working(self, over):
        """The lease ends where nobody is heard of for some seconds."""
        while not over.wait(3):
            self.work()

    # The contest

    def race(self, proposal, who, what, url, moment):
        if moment:
            self.stopping.wait(max(0.0, moment - time.time()))
        api, path = self.api(who, url), f"/api/v1/proposals/{proposal['id']}"
        if what in ("approve", "reject"):
            body = {"verdict": what, "order_hash": proposal["order_hash"]}
            answer = api.request("POST", path + "/decisions", body, timeout=60)
        elif what == "claim":
            body = {"worker_id": "racer", "quote": self.quote}
            answer = api.request("POST", f"/api/v1/orders/{proposal['order_id']}/claim", body, timeout=60)
        else:
            body = {"reason": "race"} if what == "revoke" else {}
            answer = api.request("POST", f"{path}/{what}", body, timeout=60)
        document = answer.json()
        (self.won if answer.status_code == 200 else self.lost).append(
            (proposal["id"], who, what, answer.status_code, document)
        )

    def halt(self):
        self.api("oscar", self.urls[1]).send("/emergency-stop", {"reason": "race"})

    def resume(self):
        self.api("ada", self.urls[0]).send("/emergency-resume", {"reason": "over"})

    # What is known of it afterwards

    def voted_at(self, id, who):
        """When somebody voted on a proposal."""
        votes = self.evidence.decisions
        return next(vote["decided_at"] for vote in votes if vote["proposal_id"] == id and vote["name"] == who)
