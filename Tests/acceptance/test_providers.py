"""What Slack and Discord answer besides yes: what passes is tried again, what does not is told to people."""

import json
import re

import pytest

from harness.doubles import links_in, plain_text
from harness.provider import (
    HTML,
    About,
    Held,
    api_error,
    discord_error,
    discord_limit,
    drop,
    empty_bucket,
    until,
    webhook_error,
)
from harness.waiting import wait_until


def page(status):
    """A proxy's page instead of the provider's answer."""
    return lambda call: (status, HTML, b"<html><body><h1>Bad gateway</h1></body></html>")


# The first answer, and for how many seconds at least there may be no second attempt.
PASSING = {
    "hook-429-integer": ("slack", webhook_error(429, "rate_limited", Retry_After=4), 4),
    "hook-429-float": ("slack", webhook_error(429, "rate_limited", Retry_After="3.5"), 3.5),
    "hook-429-date": ("slack", until(6), 0),
    "hook-500": ("slack", webhook_error(500, "rollup_error"), 1.5),
    "hook-503-page": ("slack", page(503), 1.5),
    "hook-dropped": ("slack", drop, 1.5),
    "bot-429": ("bot", api_error("ratelimited", 429, Retry_After=4), 4),
    "bot-200-limited": ("bot", api_error("ratelimited", Retry_After=4), 4),
    "bot-200-internal": ("bot", api_error("internal_error"), 1.5),
    "bot-dropped": ("bot", drop, 1.5),
    "discord-429": ("discord", discord_limit(3.25, 4), 3.25),
    "discord-502-page": ("discord", page(502), 1.5),
    "discord-dropped": ("discord", drop, 1.5),
}
# The answer, and what of it the reason must name.
BROKEN = {
    "hook-404-removed": ("slack", webhook_error(404, "no_service"), "no_service"),
    "hook-410-archived": ("slack", webhook_error(410, "channel_is_archived"), "channel_is_archived"),
    "bot-revoked": ("bot", api_error("token_revoked"), "token_revoked"),
    "bot-uninvited": ("bot", api_error("not_in_channel"), "not_in_channel"),
    "discord-deleted": ("discord", discord_error(404, 10015, "Unknown Webhook"), "10015"),
    "discord-401": ("discord", discord_error(401, 50027, "Invalid Webhook Token"), "50027"),
}
OURS = {
    "hook-blocks": ("slack", webhook_error(400, "invalid_blocks"), "invalid_blocks"),
    "bot-blocks": ("bot", api_error("invalid_blocks"), "invalid_blocks"),
    "discord-form": ("discord", discord_error(400, 50035, "Invalid Form Body"), "50035"),
}
SOUND = {"hook": "slack", "bot": "bot", "room": "discord"}


class Asked:
    """The desk and its proposals, all of them asked about while some rooms did not answer."""

    def __init__(self, desk):
        self.desk = desk
        self.held = Held()
        self.failing = [Held(webhook_error(404, "channel_not_found")) for _ in range(2)]

    def add_rooms(self):
        gone, later = self.failing
        self.desk.add_rooms(
            [(name, kind, [answer]) for name, (kind, answer, _) in {**PASSING, **BROKEN, **OURS}.items()]
            + [(name, kind) for name, kind in SOUND.items()]
            + [
                ("hour", "slack", [webhook_error(429, "rate_limited", Retry_After=3000)]),
                ("held", "slack", [self.held] * 9),
                ("bucket", "discord", [empty_bucket(4)]),
                ("bobs", "discord", (), "bob"),
                ("alice-chat", "slack", [gone] * 9, "alice"),
                ("late-chat", "slack", [later] * 9),
                ("again-hook", "slack"),
                ("again-bot", "bot"),
            ]
        )
        for person in ("alice", "ada"):
            self.desk.add_mail(f"{person}-mail", person)

    def ask(self):
        desk = self.desk
        self.first = desk.propose("NVDA")
        self.unanswered = desk.propose("IWM", timeout_minutes=1)
        for held in (self.held, *self.failing):
            assert held.came.wait(60), "a room was not asked"
        self.ended = desk.propose("AAPL")
        desk.api("alice").decide(self.ended, "reject", comment="not today")


@pytest.fixture(scope="session")
def asked(provider_desk):
    asked = Asked(provider_desk)
    asked.add_rooms()
    provider_desk.start()
    asked.ask()
    return asked


def shown(room, proposal):
    return room.shown(proposal["check_code"])


def wait_shown(room, proposal, words=""):
    def look():
        return [payload for payload in shown(room, proposal) if words in json.dumps(payload)]

    return wait_until(look, f"the room shows {words!r} about {proposal['symbol']}")


def test_nobody_waits_for_somebody_else(asked):
    """Neither the one that does not answer nor the one that asks for an hour delays another."""
    rooms = asked.desk.rooms
    for name in (*SOUND, *PASSING, "bucket", "bobs"):
        wait_shown(rooms[name], asked.first)
    assert not rooms["held"].messages and not rooms["hour"].messages
    assert len(rooms["hour"].calls) == 1
    asked.held.release.set()
    for held in asked.failing:
        held.release.set()


@pytest.mark.parametrize("name", PASSING)
def test_what_passes_is_tried_again(asked, name):
    room, (_, _, seconds) = asked.desk.rooms[name], PASSING[name]
    (payload,) = wait_shown(room, asked.first)
    first, second, *_ = room.calls
    wait = getattr(first, "until", first.answered_at + seconds) - second.at
    assert wait <= 0.05, f"the second attempt came {wait:.2f} s too early"
    attempts = room.about(asked.first["check_code"])
    posts = [call for call in attempts if not call.path.endswith("chat.update") and call.method == "POST"]
    assert len(posts) == 2 and payload
    assert len({call.json.get("client_msg_id") for call in posts}) == 1, "a repeat that is no repeat"


@pytest.mark.parametrize("name", BROKEN)
def test_what_is_broken_is_taken_out_of_use(asked, name):
    room, (_, _, word) = asked.desk.rooms[name], BROKEN[name]
    channel = asked.desk.wait_disabled(name)
    assert word in channel["disabled_reason"], channel
    assert len(room.calls) == 1 and not room.messages, "it was asked again"


@pytest.mark.parametrize("name", OURS)
def test_our_own_fault_gives_up_one_message_and_no_channel(asked, name):
    room, (_, _, word) = asked.desk.rooms[name], OURS[name]
    wait_shown(room, asked.unanswered)
    assert not asked.desk.channel(name).get("disabled_at")
    (dead,) = [card for card in asked.desk.deliveries("dead") if card["to"] == name]
    assert dead["about"] == asked.first["id"] and word in dead["error"] and dead["attempts"] == 1


def test_a_bucket_that_is_empty_is_waited_for(asked):
    calls = asked.desk.rooms["bucket"].calls
    first, second, *_ = wait_until(lambda: len(calls) >= 2 and list(calls), "the second message")
    assert second.at - first.answered_at > 3.95, "Discord said that nothing is left for 4 seconds"


def test_what_ended_while_it_waited_is_told_by_its_outcome_alone(asked):
    held = asked.desk.rooms["held"]
    wait_shown(held, asked.ended, "rejected by alice")
    assert len(shown(held, asked.ended)) == 1, "it was asked for a decision that was taken"
    wait_shown(held, asked.first)
    dropped = [card for card in asked.desk.deliveries("dropped") if card["to"] == "held"]
    assert [card["about"] for card in dropped] == [asked.ended["id"]] and "rejected" in dropped[0]["error"]


def told_of(desk, person, channel):
    about = [mail for mail in desk.mail.about(f"Channel {channel} ") if f"{person}@" in str(mail["To"])]
    return [mail for mail in about if "no longer works" in str(mail["Subject"])]


def test_the_owner_hears_it_elsewhere_once(asked):
    desk = asked.desk
    desk.wait_disabled("alice-chat")
    (mail,) = wait_until(lambda: told_of(desk, "alice", "alice-chat"), "alice hears of it by mail")
    assert "channel_not_found" in plain_text(mail) and "channel enable" in plain_text(mail)
    assert not told_of(desk, "ada", "alice-chat"), "it is alice's own business"
    for name in BROKEN:
        assert len(wait_until(lambda: told_of(desk, "ada", name), f"the admin hears of {name}")) == 1
        assert not told_of(desk, "alice", name)


def test_a_mended_channel_is_told_what_it_missed(asked):
    desk, room = asked.desk, asked.desk.rooms["alice-chat"]
    desk.wait_disabled("alice-chat")
    room.script.clear()
    assert desk.command("channel", "replay", "alice-chat", code=None).code == 1, "it is out of use"
    path = "/services/T1/B1/" + desk.secret("mended" + "0123456789abcdef")
    desk.provider.rooms[path] = room
    desk.command("channel", "enable", "alice-chat", "--url-stdin", stdin="https://hooks.slack.com" + path)
    dry = desk.command("channel", "replay", "alice-chat", "--dry-run").err
    replayed = desk.command("channel", "replay", "alice-chat").err
    assert "came too late" in dry and "came too late" in replayed, (dry, replayed)
    wait_shown(room, asked.first)
    wait_shown(room, asked.ended, "rejected by alice")
    assert len(shown(room, asked.ended)) == 1, "a settled question was asked again"
    assert len(told_of(desk, "alice", "alice-chat")) == 1


def test_the_link_in_a_persons_chat_is_theirs(asked):
    desk, room = asked.desk, asked.desk.rooms["bobs"]
    proposal = desk.propose("AMD")
    (message,) = wait_shown(room, proposal)
    link = message["components"][0]["components"][0]["url"]
    path = link.removeprefix(desk.url)
    assert path.startswith("/r/")
    desk.secrets.add(path.removeprefix("/r/"))
    decided = desk.visitor().get(path).decide("approve", pin=desk.pins["bob"])
    assert decided.status == 200, decided
    seen = desk.wait_order(proposal["id"], "filled")
    assert [(each["by"], each["verdict"]) for each in seen["decisions"]] == [("bob", "approve")]
    wait_shown(room, proposal, "filled at")


def test_messages_that_cannot_be_changed_any_more(asked):
    desk, room, bot = asked.desk, asked.desk.rooms["room"], asked.desk.rooms["bot"]
    proposal = desk.propose("TSLA")
    wait_shown(room, proposal)
    wait_shown(bot, proposal)
    (gone,) = [id for id, each in list(room.messages.items()) if proposal["check_code"] in str(each)]
    del room.messages[gone]
    (stamp,) = [id for id, each in list(bot.messages.items()) if proposal["check_code"] in str(each)]
    bot.locked[stamp] = "edit_window_closed"
    desk.api("bob").decide(proposal, "reject", comment="too dear")
    (anew,) = wait_shown(room, proposal, "rejected by bob")
    assert not anew["components"] or "Review" not in json.dumps(anew["components"])

    def replies():
        told = [each for each in list(bot.messages.values()) if each.get("thread_ts") == stamp]
        return [each for each in told if "rejected by bob" in each["text"]]

    assert len(wait_until(replies, "the thread is told")) == 1


def test_a_crash_forgets_nothing_and_says_nothing_else(asked):
    desk, hook, bot = asked.desk, asked.desk.rooms["again-hook"], asked.desk.rooms["again-bot"]
    held = Held()
    # An alert that happens to come now is none of this.
    hook.script += [About("MSFT", webhook_error(500, "rollup_error"))] * 2
    bot.script.append(About("MSFT", held))
    proposal = desk.propose("MSFT")
    assert held.came.wait(60)

    def waiting(attempts):
        queued = [card for card in desk.deliveries("queued") if card["to"] == "again-hook"]
        return [card for card in queued if card["attempts"] == attempts and card["error"]]

    wait_until(lambda: waiting(1) or waiting(2), "the first failure is written down")
    desk.processes["server"].kill()
    held.release.set()
    wait_until(lambda: shown(bot, proposal), "Slack has taken what nobody wrote down")
    with desk.database.connect() as session:
        # The minute passes after which a message counts as lost with the server that had taken it.
        lost = "(SELECT id FROM channels WHERE name = 'again-bot')"
        session.execute(f"UPDATE channels SET lane_free_at = clock_timestamp() WHERE id = {lost}")
        session.execute(
            f"UPDATE deliveries SET next_attempt_at = clock_timestamp() WHERE channel_id = {lost} "
            "AND state = 'queued'"
        )
    desk.start_server()
    wait_shown(hook, proposal)
    assert len(hook.about(proposal["check_code"])) == 3, "the schedule began anew"

    def posts():
        # The message may already have been changed to say the price.
        return [call for call in bot.about(proposal["check_code"]) if not call.path.endswith("chat.update")]

    first, *repeat = wait_until(lambda: posts()[1:] and posts(), "what was lost is sent again")
    assert {call.json["client_msg_id"] for call in repeat} == {first.json["client_msg_id"]}
    desk.api("alice").decide(proposal, "reject", comment="no")
    (standing,) = wait_shown(bot, proposal, "rejected by alice")
    assert len(shown(bot, proposal)) == 1 and standing


def test_secrets_are_sealed_and_shown_nowhere(asked):
    desk = asked.desk
    cards = desk.deliveries()
    assert len(cards) > 100, "every page was read, and each answer searched for secrets"
    for address in ("/", "/history", "/orders", "/halts"):
        desk.reader().get(address)
    with desk.database.connect() as session:
        rows = [
            row[0]
            for table in ("channels", "deliveries", "journal")
            for row in session.execute(f"SELECT each::text FROM {table} AS each").fetchall()
        ]
    stored = "\n".join(rows)
    assert len(rows) > 100
    for secret in desk.secrets:
        assert secret not in stored, f"{secret[:6]}… is stored as it is"


@pytest.mark.late
def test_expiry_is_told_in_place_and_never_asked_again(asked):
    desk = asked.desk
    desk.wait_state(asked.unanswered["id"], "expired", 120)
    for name in ("bot", "room"):
        (payload,) = wait_shown(desk.rooms[name], asked.unanswered, "expired")
        assert not re.search("reject", json.dumps(payload)), "nobody rejected it"
    late = desk.rooms["late-chat"]
    late.script.clear()
    desk.wait_disabled("late-chat")
    desk.command("channel", "enable", "late-chat")
    assert "came too late" in desk.command("channel", "replay", "late-chat").err
    wait_shown(late, asked.first)
    for payload in shown(late, asked.unanswered):
        assert "expired" in json.dumps(payload), "an expired question was asked again"
    hour = [card for card in desk.deliveries("queued") if card["to"] == "hour"]
    assert hour and len(desk.rooms["hour"].calls) == 1
    assert desk.provider.faults == []


def test_every_link_leads_to_this_server(asked):
    for room in asked.desk.rooms.values():
        for payload in list(room.messages.values()):
            for link in links_in(json.dumps(payload)):
                assert link.startswith(asked.desk.url + "/"), link
