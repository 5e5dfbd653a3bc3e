"""Alerts: raised by bots and by Countersign itself, told on the channels, acknowledged by people, ended when they are over."""

import json
import re
import secrets

import pytest

from harness.api import pointers, problem
from harness.desk import OPEN_POLICY
from harness.doubles import html_text, links_in, plain_text
from harness.waiting import wait_until

POLICY = {
    **OPEN_POLICY,
    "alerts": {"worker_silent_seconds": 5, "channel_failing_minutes": 1, "repeat_minutes": {"critical": 1}},
}


@pytest.fixture(scope="module")
def chat(desks):
    """A desk with a Slack app's token, a Discord webhook and alice's mail."""
    desk = desks(policy=POLICY).set_up(channels=False)
    token = desk.secret("xoxb-" + secrets.token_hex(16))
    bot = ("channel", "add", "slack", "--name", "desk", "--channel", "C0123ABCD", "--token-stdin")
    desk.command(*bot, "--base-url", desk.slack.url, stdin=token)
    hook = desk.secret(secrets.token_hex(32))
    room = ("channel", "add", "discord", "--name", "room", "--url-stdin", "--base-url", desk.discord.url)
    desk.command(*room, stdin=f"https://discord.com/api/webhooks/112233445566778899/{hook}")
    mail = ("channel", "add", "email", "--name", "alice", "--user", "alice", "--smtp", desk.mail.url)
    desk.command(*mail, "--from", "countersign@example.com")
    return desk.start()


def unique(words="The feed is late"):
    return f"{words} {secrets.token_hex(4)}"


def raise_alert(desk, title, status=201, **more):
    return desk.api("alert").send("/alerts", {"type": "data_feed_late", "title": title, **more}, status)


def shown(room, title, words=""):
    """What a chat was sent that holds the title and the words."""
    return [item for item in room.about(title) if words in json.dumps(item.json)]


def open_alerts(desk, kind):
    return desk.api("read").read(f"/alerts?state=open&type={kind}")["items"]


def test_raised_once_counted_acknowledged_and_ended(chat):
    title = unique()
    alert = raise_alert(chat, title, priority="critical", symbol="NVDA", detail="40 s behind", evidence={"lag_ms": 40000})
    assert alert["state"] == "raised" and alert["subject"] == "symbol:NVDA" and alert["source"] == "key:alert-key"
    again = raise_alert(chat, title, 200)
    assert again["id"] == alert["id"] and again["repeats"] == 1
    (post,) = wait_until(lambda: chat.slack.calls("chat.postMessage", title), "Slack is told")
    assert post["text"].startswith("PAPER: ") and f"/alerts/{alert['id']}" in json.dumps(post)
    wait_until(lambda: shown(chat.discord, title), "Discord is told")
    done = chat.api("alice").send(f"/alerts/{alert['id']}/ack", {"comment": "on it"}, 200)
    assert done["state"] == "acknowledged" and done["acknowledged_by"] == "user:alice" and done["comment"] == "on it"
    wait_until(
        lambda: [c for c in chat.slack.calls("chat.update", title) if "Acknowledged" in json.dumps(c) and "alice" in json.dumps(c)],
        "Slack's message says who acknowledged it",
    )
    ended = chat.api("alert").send(f"/alerts/{alert['id']}/resolve", {"reason": "caught up"}, 200)
    assert ended["state"] == "resolved"
    wait_until(lambda: [c for c in chat.slack.calls("chat.update", title) if "Over: " in c["text"]], "the message is changed")
    assert len(chat.slack.calls("chat.postMessage", title)) == 1, "one message, changed in place"
    wait_until(lambda: [item for item in chat.discord.about(title) if item.method == "PATCH"], "Discord's message is changed")
    new = raise_alert(chat, title)
    assert new["id"] != alert["id"]
    kinds = [entry["kind"] for entry in chat.api("otto").read("/audit?limit=500")["items"] if entry["subject"] == f"alert:{alert['id']}"]
    assert sorted(kinds) == ["alert.acknowledged", "alert.raised", "alert.resolved"]
    assert chat.slack.faults == [] and chat.discord.faults == []


def test_who_is_second_is_told_who_was_first(chat):
    alert = raise_alert(chat, unique())
    path = f"/alerts/{alert['id']}/ack"
    assert chat.api("alice").send(path, {}, 200)["acknowledged_by"] == "user:alice"
    assert chat.api("alice").request("POST", "/api/v1" + path).status_code == 200, "twice is once"
    told = problem(chat.api("bob").request("POST", "/api/v1" + path, {}), 409, "conflict")
    assert told["acknowledged_by"] == "user:alice" and "alice" in told["detail"] and told["acknowledged_at"]
    problem(chat.api("carol").request("POST", "/api/v1" + path, {}), 403)
    problem(chat.api("alert").request("POST", "/api/v1" + path, {}), 403)


def test_the_list_is_filtered_paged_and_each_key_sees_its_own(chat):
    titles = [unique("page") for _ in range(3)]
    for title in titles:
        raise_alert(chat, title, type="paged_kind", priority="info")
    chat.keys["stranger-bot"] = chat.create_key("alert", "stranger-bot")
    stranger = chat.api("stranger-bot")
    assert stranger.read("/alerts")["items"] == []
    found, cursor = [], ""
    while cursor is not None:
        page = chat.api("read").read(f"/alerts?type=paged_kind&limit=1&cursor={cursor}")
        found += [item["title"] for item in page["items"]]
        cursor = page["next_cursor"]
    assert found == titles[::-1]
    assert chat.api("read").read("/alerts?type=paged_kind&priority=high")["items"] == []
    for query in ("state=gone", "cursor=xx", "tpye=x", "limit=0"):
        problem(chat.api("read").request("GET", f"/api/v1/alerts?{query}"), 422)


@pytest.mark.parametrize(
    ("title", "detail"),
    [
        ("<!channel> @everyone <https://evil.example|click>", "# big\n\n*bold* <!here>"),
        ("\u200bhidden \ufeffmark", "see https://evil.example now"),
    ],
)
def test_a_bots_words_cannot_shout_or_link(chat, title, detail):
    mark = secrets.token_hex(4)
    raise_alert(chat, f"{title} {mark}", detail=detail)
    (post,) = wait_until(lambda: chat.slack.calls("chat.postMessage", mark), "Slack is told")
    assert "<" not in post["text"], "the text that Slack reads marks in is escaped"
    marked = [b["text"]["text"] for b in post["blocks"] if b.get("text", {}).get("type") == "mrkdwn"]
    assert len(marked) == 1 and mark not in marked[0], "only our own link stands where marks count"
    (item,) = wait_until(lambda: shown(chat.discord, mark), "Discord is told")
    assert item.json["allowed_mentions"] == {"parse": []}
    mail = wait_until(lambda: chat.mail.about(mark), "alice's mail comes")[-1]
    assert "evil.example" not in "".join(links_in(plain_text(mail)) + links_in(html_text(mail)))
    assert chat.slack.faults == [] and chat.discord.faults == []


@pytest.mark.parametrize("title", ["two\r\nBcc: all@example.com", "\u202edrawkcab", "tab\there", "", "x" * 201])
def test_a_title_is_one_line_as_it_reads(chat, title):
    answer = chat.api("alert").request("POST", "/api/v1/alerts", {"type": "data_feed_late", "title": title})
    assert pointers(problem(answer, 422, "validation")) == {"/title"}


def test_the_page_shows_what_is_open_first_and_takes_note(chat):
    title = unique("on the page")
    alert = raise_alert(chat, title, priority="emergency", detail="<b>not bold</b>")
    visitor = chat.visitor()
    visitor.log_in("bob", chat.pins["bob"])
    page = visitor.get("/alerts")
    assert page.status == 200 and title in page.text and "<b>not" not in page.html
    assert visitor.get(f"/alerts/{alert['id']}").status == 200
    assert chat.api("read").read(f"/alerts/{alert['id']}")["state"] == "raised", "reading changes nothing"
    form = next(form for form in page.forms if form.action.endswith(alert["id"]))
    stale = visitor.session.post(
        form.action, data={"nonce": "x"}, headers={"Origin": chat.url, "Sec-Fetch-Site": "same-origin"}, timeout=30
    )
    assert stale.status_code == 403
    assert visitor.submit(form).status == 200
    assert chat.api("read").read(f"/alerts/{alert['id']}")["acknowledged_by"] == "user:bob"
    later = visitor.submit(form)
    assert later.status == 200, "twice by the same person is once"
    viewer = chat.visitor()
    viewer.log_in("carol", chat.pins["carol"])
    other = raise_alert(chat, unique("not hers"))
    assert not [form for form in viewer.get("/alerts").forms if other["id"] in form.action]
    assert visitor.get("/alerts?state=nonsense").status == 422


def test_the_link_in_a_mail_takes_note_only_with_the_pin(chat):
    title = unique("by mail")
    alert = raise_alert(chat, title, priority="critical", evidence={"private_figure": 4711})
    mail = wait_until(lambda: chat.mail.about(title), "alice's mail comes")[-1]
    (link,) = {link for link in links_in(plain_text(mail)) if "/r/" in link}
    path = re.sub(r"^https?://[^/]+", "", link)
    robot = chat.visitor()
    for method in ("HEAD", "GET", "OPTIONS"):
        robot.session.request(method, chat.url + path, timeout=30)
    page = robot.get(path)
    assert title in page.text and "4711" not in page.html, "the holder of a link sees what the message said"
    form = next(form for form in page.forms if form.password_field())
    robot.submit(form)
    robot.submit(form, pin="000000")
    assert chat.api("read").read(f"/alerts/{alert['id']}")["state"] == "raised"
    assert robot.submit(form, pin=chat.pins["alice"]).status == 200
    now = chat.api("read").read(f"/alerts/{alert['id']}")
    assert now["state"] == "acknowledged" and now["acknowledged_by"] == "user:alice"


def test_the_commands(chat):
    title = unique("by command")
    raised = chat.client("alert", "raise", "--type", "data_feed_late", "--title", title, "--json", key=chat.keys["alert"])
    alert = json.loads(raised.out)
    assert title in chat.client("alert", "list", key=chat.keys["read"]).out
    done = chat.client("alert", "ack", alert["id"], "--comment", "seen", key=chat.tokens["alice"])
    assert title in done.out
    assert "acknowledged by user:alice" in chat.client("alert", "list", "--state", "acknowledged", key=chat.keys["read"]).out
    assert "Over" in chat.client("alert", "resolve", alert["id"], key=chat.keys["alert"]).out
    assert title not in chat.client("alert", "list", key=chat.keys["read"]).out


def test_a_position_without_a_stop_is_told_and_over_when_it_is_gone(chat):
    bought = chat.propose("AAPL", qty="3", stop_loss=None)
    chat.approve(bought)
    chat.wait_order(bought["id"], "filled")
    (alert,) = wait_until(
        lambda: [a for a in open_alerts(chat, "position_without_stop") if a["subject"] == "symbol:AAPL"],
        "the position without a stop is an alert",
        120,
    )
    assert "AAPL" in alert["title"] and alert["priority"] == "high" and alert["evidence"]["qty"] == "3"
    sold = chat.propose("AAPL", side="sell", qty="3", stop_loss=None, limit_price=f"{chat.ask('AAPL') * 0.99:.2f}")
    chat.approve(sold)
    chat.wait_order(sold["id"], "filled")
    wait_until(lambda: chat.api("read").read(f"/alerts/{alert['id']}")["state"] == "resolved", "it is over", 120)


def test_a_silent_worker_is_told_until_it_is_back(chat):
    chat.processes["worker"].kill()
    (alert,) = wait_until(lambda: open_alerts(chat, "worker_silent"), "the silence is an alert", 60)
    wait_until(lambda: chat.slack.calls("chat.postMessage", "worker is silent"), "Slack is told")
    chat.start_worker()
    wait_until(lambda: chat.api("read").read(f"/alerts/{alert['id']}")["state"] == "resolved", "it is over", 120)
    wait_until(
        lambda: [c for c in chat.slack.calls("chat.update", "worker is silent") if "Over: " in c["text"]],
        "Slack's message says so",
    )


@pytest.fixture
def two_rooms(desks):
    """A desk whose one chat answers nothing but errors, and another that lives."""
    desk = desks(policy=POLICY).set_up(channels=False)
    for name, url in (("dead", "http://127.0.0.1:9"), ("living", desk.slack.url)):
        token = desk.secret("xoxb-" + secrets.token_hex(16))
        bot = ("channel", "add", "slack", "--name", name, "--channel", "C0123ABCD", "--token-stdin")
        desk.command(*bot, "--base-url", url, stdin=token)
    desk.start_broker()
    desk.start_server()
    return desk


def test_a_dead_channel_is_told_on_another(two_rooms):
    desk = two_rooms
    raise_alert(desk, unique())
    (alert,) = wait_until(lambda: open_alerts(desk, "channel_failing"), "its failure is an alert", 180)
    assert "dead" in alert["title"]
    wait_until(lambda: desk.slack.calls("chat.postMessage", "takes no messages"), "the other channel is told")
