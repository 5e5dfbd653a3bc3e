"""A desk whose channels are rooms of one `Provider`, and its page of deliveries as a person reads it."""

import secrets
from concurrent.futures import ThreadPoolExecutor

from harness.desk import Desk
from harness.provider import Provider, Room
from harness.waiting import wait_until

PEOPLE = {"alice": "approver", "bob": "approver", "ada": "admin"}


class ProviderDesk(Desk):
    """With the words to add rooms and to see what became of messages."""

    def __init__(self, database):
        super().__init__(database)
        self.provider, self.rooms = Provider(), {}

    def add_rooms(self, rooms):
        """Several at a time: name, kind, script and perhaps whose."""
        with ThreadPoolExecutor(4) as pool:
            list(pool.map(lambda room: self.add_room(*room), rooms))

    def add_mail(self, name, user=None, smtp=None, *more, stdin=""):
        whose = ("--user", user) if user else ()
        mail = ("channel", "add", "email", "--name", name, "--smtp", smtp or self.mail.url)
        self.command(*mail, "--from", "countersign@example.com", *whose, *more, stdin=stdin)

    def set_up(self):
        return super().set_up(people=PEOPLE, scopes=("propose", "work", "read"), channels=False)

    def add_room(self, name, kind, script=(), user=None):
        """A channel of kind slack (a webhook), bot (Slack's Web API) or discord."""
        room = Room(script)
        base = ("--base-url", self.provider.url, *(("--user", user) if user else ()))
        if kind == "slack":
            path = f"/services/T{secrets.token_hex(4)}/B{secrets.token_hex(4)}/{secrets.token_hex(12)}"
            key, given = path, "https://hooks.slack.com" + path
            self.command("channel", "add", "slack", "--name", name, "--url-stdin", *base, stdin=given)
        elif kind == "bot":
            key, given = "C" + secrets.token_hex(5).upper(), self.secret("xoxb-" + secrets.token_hex(16))
            bot = ("channel", "add", "slack", "--name", name, "--channel", key, "--token-stdin")
            self.command(*bot, *base, stdin=given)
        else:
            key = secrets.token_hex(32)
            given = f"https://discord.com/api/webhooks/112233445566778899/{key}"
            self.command("channel", "add", "discord", "--name", name, "--url-stdin", *base, stdin=given)
        self.secrets.add(given if kind == "bot" else key)
        self.secrets.add(given.rpartition("/")[2])
        self.provider.rooms[key] = self.rooms[name] = room
        return room

    def channel(self, name):
        """What `channel list` tells of it."""
        listed = self.command("channel", "list", "--json").json
        items = listed["items"] if isinstance(listed, dict) else listed
        return next(item for item in items if item["name"] == name)

    def wait_disabled(self, name):
        return wait_until(
            lambda: (lambda seen: seen if seen.get("disabled_at") else None)(self.channel(name)),
            f"the channel {name} is out of use",
        )

    def deliveries(self, state=""):
        """The cards of the page, all of them: what, what became of it, to whom, and why."""
        reader, cards = self.reader(), []
        page = reader.get(f"/deliveries?state={state}")
        while True:
            cards += [card_of(node) for node in page.soup.select("li.card")]
            onward = page.soup.find("a", rel="next")
            if not onward:
                return cards
            page = reader.get(onward["href"])

    def reader(self):
        if not hasattr(self, "_reader"):
            self._reader = self.visitor()
            self._reader.log_in("ada", self.pins["ada"])
        return self._reader

    def close(self):
        for room in self.rooms.values():
            room.script.clear()
        super().close()
        self.provider.close()


def card_of(node):
    facts = [fact.get_text(" ", strip=True) for fact in node.select(".facts span")]
    fault, about = node.select_one(".fault"), node.select_one(".facts a")
    return {
        "state": next(
            name.removeprefix("delivery-")
            for name in node.select_one(".badge")["class"]
            if name.startswith("delivery-")
        ),
        "kind": node.h2.contents[0].strip(),
        "to": facts[0].removeprefix("to "),
        "about": about["href"].rpartition("/")[2] if about else "",
        "attempts": next((int(fact.split()[0]) for fact in facts if "attempt" in fact), 0),
        "error": fault.get_text(" ", strip=True) if fault else "",
    }
