"""Chat messages are changed in place as their proposal goes on; where that cannot be, the news comes anew."""

import json
import secrets

import pytest

from harness.waiting import wait_until


@pytest.fixture(scope="module")
def chat(desks):
    """A desk with a Slack app's token and a Discord webhook."""
    desk = desks().set_up(channels=False)
    token = desk.secret("xoxb-" + secrets.token_hex(16))
    bot = ("channel", "add", "slack", "--name", "desk", "--channel", "C0123ABCD", "--token-stdin")
    desk.command(*bot, "--base-url", desk.slack.url, stdin=token)
    hook = desk.secret(secrets.token_hex(32))
    room = ("channel", "add", "discord", "--name", "room", "--url-stdin", "--base-url", desk.discord.url)
    desk.command(*room, stdin=f"https://discord.com/api/webhooks/112233445566778899/{hook}")
    return desk.start()


def posted(desk, proposal):
    code = proposal["check_code"]
    (post,) = wait_until(lambda: desk.slack.calls("chat.postMessage", code), "Slack is asked", 60)
    wait_until(lambda: desk.discord.about(code), "Discord is asked", 60)
    return post


def changed(desk, proposal, words):
    """The change of Slack's and of Discord's message that says these words."""
    code = proposal["check_code"]

    def look():
        slack = [call for call in desk.slack.calls("chat.update", code) if words in call["text"]]
        edits = [item for item in desk.discord.about(code) if item.method == "PATCH"]
        discord = [item.json for item in edits if words in item.json["content"]]
        return (slack[-1], discord[-1]) if slack and discord else None

    return wait_until(look, f"both messages say {words!r}", 60)


def no_faults(desk):
    assert desk.slack.faults == [] and desk.discord.faults == []


def test_the_request_becomes_the_receipt(chat):
    proposal = chat.propose("NVDA", qty="2")
    post = posted(chat, proposal)
    assert post["text"].startswith("PAPER: approve BUY 2 NVDA")
    chat.approve(proposal)
    chat.wait_order(proposal["id"], "filled")
    slack, discord = changed(chat, proposal, "BUY 2 NVDA filled at")
    assert slack["ts"] and slack["channel"] == "C0123ABCD"
    for text in (json.dumps(slack), json.dumps(discord).replace("\\\\", "")):
        assert "by alice at" in text and "2 of 2 at $" in text and proposal["check_code"] in text
    assert len(chat.slack.calls("chat.postMessage", proposal["check_code"])) == 1
    no_faults(chat)


def test_a_price_that_comes_later_is_shown_in_the_same_message(chat):
    """The first proposal of a symbol: the worker is asked for its price, and no message but the first makes a sound."""
    proposal = chat.propose("INTC", qty="2", limit_price="40.00", stop_loss={"stop_price": "36.80"})
    code = proposal["check_code"]
    post = posted(chat, proposal)
    if "asked for at the broker" not in json.dumps(post):
        assert "Price now" in json.dumps(post), "the worker was quicker than the message"
        return
    assert "No quote" not in json.dumps(post), "what is awaited is no warning"

    def priced():
        last = chat.slack.calls("chat.update", code)[-1:]
        return last and "asked for at the broker" not in json.dumps(last) and "s old)" in json.dumps(last)

    wait_until(priced, "the message shows the price", 60)
    assert len(chat.slack.calls("chat.postMessage", code)) == 1
    visitor = chat.visitor()
    visitor.log_in("alice", chat.pins["alice"])
    page = visitor.get(f"/proposals/{proposal['id']}").text
    assert "bid $" in page and "brings it within seconds" not in page
    no_faults(chat)


def test_a_rejection_says_who_and_why(chat):
    proposal = chat.propose("AAPL", qty="2")
    posted(chat, proposal)
    chat.api("alice").decide(proposal, "reject", comment="<!channel> too @everyone late")
    slack, discord = changed(chat, proposal, "rejected by alice")
    assert "too @everyone late" in json.dumps(slack)
    assert "@everyone" not in json.dumps(discord["embeds"]).replace("\\\\@", "")
    no_faults(chat)


def test_a_withdrawal_is_told(chat):
    proposal = chat.propose("MSFT", qty="2")
    posted(chat, proposal)
    chat.api("propose").send(f"/proposals/{proposal['id']}/withdraw")
    changed(chat, proposal, "withdrawn by the bot")
    no_faults(chat)


def test_hostile_reasons_through_every_medium(chat):
    rationale = "<!channel> @everyone <https://evil.example|Review> ```x``` 😀" + "𝔘" * 5000
    proposal = chat.propose("AMD", qty="2", rationale=rationale)
    post = posted(chat, proposal)
    assert "https://evil" not in json.dumps(post)
    no_faults(chat)


def test_where_the_message_is_gone_the_thread_is_told(chat):
    proposal = chat.propose("TSLA", qty="1")
    posted(chat, proposal)
    first = chat.slack.about(proposal["check_code"])[0]
    chat.slack.gone.add(f"1795201500.{chat.slack.items.index(first):06d}")
    chat.api("alice").decide(proposal, "reject", comment="no")

    def told():
        replies = [call for call in chat.slack.calls("chat.postMessage", "TSLA") if call.get("thread_ts")]
        return [reply for reply in replies if "rejected by alice" in reply["text"]]

    assert wait_until(told, "the thread is told", 60)
    no_faults(chat)


def test_a_release_stands_until_the_broker_answers(chat):
    chat.processes["worker"].stop()
    proposal = chat.propose("QQQ", qty="1")
    posted(chat, proposal)
    chat.approve(proposal)
    slack, _ = changed(chat, proposal, "approved by alice and released")
    assert "filled" not in slack["text"]
    chat.processes["worker"].start()
    chat.wait_order(proposal["id"], "filled")
    changed(chat, proposal, "BUY 1 QQQ filled at")
    assert len(chat.slack.calls("chat.postMessage", proposal["check_code"])) == 1
    no_faults(chat)


def test_a_halt_names_itself(chat):
    proposal = chat.propose("IBM", qty="1")
    posted(chat, proposal)
    chat.client("emergency-stop", "--reason", "drill of the desk", key=chat.keys["operate"])
    slack, _ = changed(chat, proposal, "cancelled by a halt")
    assert "the whole account" in json.dumps(slack) and "drill of the desk" in json.dumps(slack)
    no_faults(chat)
