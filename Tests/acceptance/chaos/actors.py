"""Bots, people who decide, and an operator: they go on whatever breaks, and keep every answer they got."""

import random
import threading
import uuid

import requests

from harness.api import Api

from chaos.plan import SYMBOLS

GONE = (OSError, requests.RequestException)


class Answers:
    """What the product said to anybody: what it confirmed must be so afterwards."""

    def __init__(self):
        self.proposed, self.decided, self.refused = {}, [], []
        self.withdrawn, self.revoked, self.halts, self.cleared = [], [], [], []
        self.odd, self.statuses = [], {}

    def note(self, what, answer):
        key = f"{what} {answer.status_code}"
        self.statuses[key] = self.statuses.get(key, 0) + 1
        if answer.status_code >= 500 and answer.status_code != 503:
            self.odd.append(f"{what}: {answer.status_code} {answer.text[:300]}")


class Actor(threading.Thread):
    """Somebody who acts until told to stop, each time at a server of chance."""

    def __init__(self, name, stage, answers, key):
        super().__init__(daemon=True, name=name)
        self.stage, self.answers = stage, answers
        self.dice = random.Random(f"{name} {stage.seed}")
        self.stopping = threading.Event()
        self.apis = [Api(url, key, stage.watch) for url in stage.urls]

    def run(self):
        while not self.stopping.is_set():
            try:
                self.act()
            except GONE:
                self.stopping.wait(0.2)
            except Exception as error:
                self.answers.odd.append(f"{self.name}: {type(error).__name__}: {str(error)[:400]}")
                self.stopping.wait(0.2)

    def call(self, method, path, body=None, what=None, **options):
        api = self.dice.choice(self.apis)
        answer = api.request(method, "/api/v1" + path, body, timeout=20, **options)
        self.answers.note(what or f"{method} {path.split('?')[0]}", answer)
        return answer

    def insist(self, method, path, body, what, tries=60, **options):
        """Until there is an answer that is not 'try again': the outcome of the tries before is not known."""
        for _ in range(tries):
            try:
                answer = self.call(method, path, body, what, **options)
                if answer.status_code not in (429, 503):
                    return answer
            except GONE:
                pass
            self.stopping.wait(0.3)
        return None


class Bot(Actor):
    """Proposes, repeats what was not answered with the same key, and sometimes withdraws."""

    def __init__(self, name, stage, answers, key, prices):
        super().__init__(name, stage, answers, key)
        self.prices, self.extra = prices, 0

    def act(self):
        if self.extra > 0:
            self.extra -= 1
        else:
            self.stopping.wait(self.dice.uniform(0.2, 1.2))
        key = str(uuid.UUID(int=self.dice.getrandbits(128)))
        answer = self.insist("POST", "/proposals", self.draft(), "propose", headers={"Idempotency-Key": key})
        if answer is None:
            return
        if answer.status_code not in (200, 201):
            return self.answers.odd.append(f"{self.name}: {answer.status_code} {answer.text[:300]}")
        proposal = answer.json()
        self.answers.proposed[proposal["id"]] = key
        if proposal["state"] == "pending" and self.dice.random() < 0.08:
            self.withdraw(proposal["id"])

    def withdraw(self, id):
        self.stopping.wait(self.dice.uniform(0, 1.5))
        answer = self.insist("POST", f"/proposals/{id}/withdraw", {}, "withdraw")
        if answer is not None and answer.status_code == 200:
            self.answers.withdrawn.append(id)

    def draft(self):
        symbol = self.dice.choice(SYMBOLS)
        price = self.prices[symbol]
        side = "buy" if self.dice.random() < 0.88 else "sell"
        order = {"symbol": symbol, "side": side, "qty": str(self.dice.randint(2, 9)), "time_in_force": "day"}
        order |= {"strategy": self.dice.choice(["momentum", "reversal"]), "rationale": "chaos"}
        kind = self.dice.random()
        if kind < 0.2:
            return {**order, "type": "market", "reference_price": f"{price:.2f}"}
        # One in seven is too far away to be filled: its time at the broker runs out, which takes a minute.
        share = -0.04 if kind < 0.34 and self.stage.has_time else 0.005
        limit = price * (1 + share if side == "buy" else 1 - share)
        order |= {"type": "limit", "limit_price": f"{limit:.2f}"}
        if side == "buy" and self.dice.random() < 0.1:
            order |= {"time_in_force": "gtc", "stop_loss": {"stop_price": f"{price * 0.8:.2f}"}}
        return order


class Decider(Actor):
    """Looks at what waits and decides on most of it: approves, reduces, rejects, revokes, or leaves it."""

    def __init__(self, name, stage, answers, key):
        super().__init__(name, stage, answers, key)
        self.left, self.done = set(), set()

    def act(self):
        self.stopping.wait(self.dice.uniform(0.1, 0.5))
        answer = self.call("GET", "/proposals?state=pending&limit=100", what="list")
        if answer.status_code != 200:
            return
        waiting = [item for item in answer.json()["items"] if item["id"] not in self.left | self.done]
        self.dice.shuffle(waiting)
        for proposal in waiting[:8]:
            if self.stopping.is_set():
                return
            if self.dice.random() < 0.12:
                self.left.add(proposal["id"])
            else:
                self.decide(proposal)

    def decide(self, proposal):
        id, drawn = proposal["id"], self.dice.random()
        body = {"verdict": "reject" if drawn < 0.1 else "approve", "order_hash": proposal["order_hash"]}
        if drawn > 0.92:
            body["qty"] = "1"
        if 0.1 < drawn < 0.13:
            body["order_hash"] = "0" * 64
        answer = self.insist("POST", f"/proposals/{id}/decisions", body, "decide", tries=4)
        if answer is None:
            return
        if answer.status_code == 200:
            self.done.add(id)
            self.answers.decided.append((id, self.name, body["verdict"]))
            if self.dice.random() < 0.06:
                self.revoke(id)
        elif answer.status_code == 409:
            document = answer.json()
            self.answers.refused.append((id, self.name, document["type"].rpartition("/")[2], document))
            if not document["type"].endswith(("order-changed", "conflict")):
                self.done.add(id)

    def revoke(self, id):
        answer = self.insist("POST", f"/proposals/{id}/revoke", {"reason": "no, wait"}, "revoke", tries=4)
        if answer is not None and answer.status_code == 200:
            self.answers.revoked.append(id)


class Operator(Actor):
    """Stops trading and lets it go on, as the plan says. Stopping is one person's, going on another's."""

    def __init__(self, stage, answers):
        super().__init__("operator", stage, answers, stage.tokens["oscar"])
        self.second = Actor("second", stage, answers, stage.tokens["ada"])

    def stop_trading(self, seconds, stopping):
        answer = self.insist("POST", "/emergency-stop", {"reason": "chaos"}, "stop")
        if answer is None:
            return
        if answer.status_code == 200:
            self.answers.halts.append(answer.json()["halt"]["id"])
        stopping.wait(seconds)
        self.resume()

    def stop_symbol(self, symbol, allows_reducing, seconds, stopping):
        body = {"scope": "symbol", "target": symbol, "reason": "chaos", "allows_reducing": allows_reducing}
        answer = self.insist("POST", "/halts", body, "halt")
        if answer is None or answer.status_code not in (200, 201):
            return
        document = answer.json()
        id = (document.get("halt") or document)["id"]
        self.answers.halts.append(id)
        stopping.wait(seconds)
        self.clear(id)

    def look_into_overfills(self, seconds, stopping):
        """Lets a symbol go on some seconds after Countersign stopped it because too much was executed."""
        while not stopping.wait(1):
            answer = self.second.insist("GET", "/halts?open=true", None, "halts")
            found = answer.json()["items"] if answer is not None and answer.status_code == 200 else []
            found = [halt["id"] for halt in found if halt["cause"] == "overfill"]
            if found:
                stopping.wait(seconds)
                for id in found:
                    self.clear(id)
                return

    def resume(self):
        return self.second.insist("POST", "/emergency-resume", {"reason": "chaos is over"}, "resume")

    def clear(self, id):
        return self.second.insist("POST", f"/halts/{id}/clear", {"reason": "chaos is over"}, "clear")

    def clear_all(self):
        self.resume()
        answer = self.second.insist("GET", "/halts", None, "halts")
        for halt in answer.json()["items"] if answer is not None else []:
            if halt["cleared_at"] is None:
                self.clear(halt["id"])
