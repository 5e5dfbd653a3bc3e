"""What a test says to a desk: propose, approve, wait, look."""

import re
import uuid

import requests

from harness.api import Api
from harness.pages import Visitor
from harness.waiting import wait_until

LINK_TOKEN = re.compile(r"/r/([A-Za-z0-9._~-]+)")


class DeskWords:
    """For a `Desk`: what bots, people and the broker do and see."""

    def api(self, who=None, url=None):
        """With the key of a scope, the personal token of a person, or nothing."""
        key = self.keys.get(who) or self.tokens.get(who)
        assert key or who is None, f"nobody is called {who}"
        return Api(url or self.url, key, self.watch)

    def visitor(self):
        return Visitor(self.url, self.watch)

    def draft(self, symbol="NVDA", **changes):
        body = {
            "symbol": symbol,
            "side": "buy",
            "qty": "3",
            "type": "limit",
            "limit_price": self.limit_price(symbol),
            "time_in_force": "day",
            "strategy": "momentum",
            "rationale": "breaks out of its range",
            "confidence": 72,
            "external_ref": str(uuid.uuid4()),
            **changes,
        }
        return {name: value for name, value in body.items() if value is not None}

    def limit_price(self, symbol):
        """One that fills at once: a little over the ask."""
        return f"{self.ask(symbol) * 1.003:.2f}"

    def ask(self, symbol):
        headers = {"APCA-API-KEY-ID": "PKACCEPTANCE", "APCA-API-SECRET-KEY": self.broker_secret()}
        answer = requests.get(
            f"{self.simulator}/v2/stocks/quotes/latest?symbols={symbol}", headers=headers, timeout=30
        )
        return float(answer.json()["quotes"][symbol]["ap"])

    def propose(self, symbol="NVDA", state="pending", **changes):
        proposal = self.api("propose").propose(self.draft(symbol, **changes))
        failed = [check["detail"] for check in proposal["checks"] if check["outcome"] == "fail"]
        assert proposal["state"] == state, f"{proposal['state']}, not {state}: {failed}"
        return proposal

    def approve(self, proposal, who="alice"):
        return self.api(who).decide(proposal)

    def wait_state(self, id, state, seconds=60):
        api = self.api("read")
        return wait_until(
            lambda: (lambda seen: seen if seen["state"] == state else None)(api.proposal(id)),
            f"proposal {id} is {state} (now {api.proposal(id)['state']})",
            seconds,
        )

    def wait_order(self, id, *states, seconds=60):
        """The proposal, once its order has one of these states."""
        api = self.api("read")

        def look():
            seen = api.proposal(id)
            return seen if seen.get("order_state") in states else None

        try:
            return wait_until(look, f"the order of {id} is {states}", seconds)
        except AssertionError as error:
            seen = api.proposal(id)
            order = api.read(f"/orders/{seen['order_id']}") if seen.get("order_id") else None
            raise AssertionError(f"{error}\nproposal: {seen}\norder: {order}") from None

    def order(self, proposal):
        return self.api("read").read(f"/orders/{proposal['order_id']}")

    def received(self, client_order_id=None):
        """What the broker was sent: every POST of an order, by the simulator's own count."""
        query = f"?client_order_id={client_order_id}" if client_order_id else ""
        return requests.get(f"{self.simulator}/sim/received{query}", timeout=30).json()

    def control(self, path, body=None, method="POST"):
        answer = requests.request(method, f"{self.simulator}/sim/{path}", json=body or {}, timeout=30)
        assert answer.ok, answer.text
        return answer.json()

    def review_link(self, proposal, seconds=60):
        """The link in alice's mail about this proposal."""

        def look():
            for message in self.mail.messages:
                text = message.get_body(preferencelist=("plain",)).get_content()
                token = LINK_TOKEN.search(text)
                if proposal["check_code"] in text and token:
                    self.secrets.add(token.group(1))
                    return f"/r/{token.group(1)}"
            return None

        return wait_until(look, f"a mail with a link about {proposal['check_code']}", seconds)
