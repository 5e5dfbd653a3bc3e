"""Every kind of message, as `notify preview` prints it, before Slack's library, Discord's limits, Python's mail."""

import email
import email.policy
import json
import re

import pytest
from bs4 import BeautifulSoup

from harness.doubles import links_in
from harness.payloads import discord_payload_faults, slack_payload_faults
from harness.program import clean_environment, run

HOSTILE = {
    "mentions": "<!channel> <!here> <@U123> @everyone @here <@&1> <#C1>",
    "links": "<https://evil.example|Review> [Review](https://evil.example) <a href='https://evil.example'>x</a>",
    "markup": "*b* _i_ ~s~ `c` ```x``` > q # h - l || s || <b>bold</b> <script>alert(1)</script> &amp; \" '",
    "direction": "\u202egnp.exe\u2066\u2069 \u200f\u200e\u061c abc",
    "controls": "a\x01\x07\x1b[31m\x7f\u0085\u2028b\x0bc",
    "header": "x\r\nBcc: evil@example.com\r\n\r\n.\r\nQUIT",
    "emoji": "👩‍👩‍👧‍👦🇩🇪😀𝔘" * 300,
    "long": "0123456789" * 1000,
    "brackets": "<" * 5000,
    "stars": "*" * 5000,
}
PREVIEW_HELP = clean_environment()


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    return tmp_path_factory.mktemp("preview")


def preview(place, kind, channel, *more):
    result = run(
        ["notify", "preview", "--type", kind, "--channel", channel, *more], PREVIEW_HELP, place
    )
    assert result.code == 0, result
    return result.out


@pytest.fixture(scope="module")
def kinds(place):
    text = run(["notify", "preview", "--help"], PREVIEW_HELP, place).out
    listed = text.split("Kinds:")[1].split("countersign notify")[0].split()
    assert len(listed) > 20
    return listed


def reasons(place, name):
    path = place / f"{name}.txt"
    path.write_text(HOSTILE[name], newline="")
    return ["--rationale-file", str(path)]


def test_slack_shows_every_message(place, kinds):
    for kind in kinds:
        payload = json.loads(preview(place, kind, "slack"))
        assert slack_payload_faults(payload) == [], kind
        for form in ("new", "edit", "reply"):
            payload = json.loads(preview(place, kind, "slack-bot", "--as", form))
            assert slack_payload_faults(payload, update=form == "edit") == [], (kind, form)
            assert ("thread_ts" in payload) == (form == "reply")
            assert payload["channel"] and payload["parse"] == "none"


def test_discord_takes_every_message(place, kinds):
    for kind in kinds:
        for form in ("new", "edit", "reply"):
            payload = json.loads(preview(place, kind, "discord", "--as", form))
            assert discord_payload_faults(payload, edit=form == "edit") == [], (kind, form)


def mail_parts(text):
    message = email.message_from_bytes(text.encode(), policy=email.policy.default)
    assert not message.defects and not any(part.defects for part in message.walk())
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    return message, plain.get_content(), html.get_content()


def judge_mail(text, kind):
    message, plain, html = mail_parts(text)
    for name in ("Date", "From", "To", "Subject", "Message-ID"):
        assert message[name], f"{kind} has no {name}"
    assert message["Auto-Submitted"] == "auto-generated" and not message["Bcc"]
    if kind.startswith(("approval-", "proposal-", "order-")):
        assert message["References"] == message["In-Reply-To"]
        assert message["References"].startswith("<proposal-")
    assert all(len(line) <= 998 for line in text.split("\r\n")) and "\n" not in text.replace("\r\n", "")
    page = BeautifulSoup(html, "html.parser")
    assert [link["href"] for link in page.find_all("a")] == links_in(plain), "other links in text and HTML"
    assert not page.find_all(["img", "link", "script", "style", "iframe", "form"]), "something remote or active"
    assert "url(" not in html
    return plain, page


def words(text):
    return re.sub(r"\s+", " ", text).strip()


def test_mail_is_well_formed_and_says_the_same_twice(place, kinds):
    for kind in kinds:
        plain, page = judge_mail(preview(place, kind, "email"), kind)
        shown = words(page.body.get_text(" "))
        for line in plain.splitlines():
            label, _, value = line.removeprefix("- ").partition(": ")
            if line and not links_in(line) and not line.startswith(("PAPER:", "Warnings:", "Why, says")):
                said = value if value and label in shown else line.removeprefix("- ")
                assert words(said) in shown, (kind, line)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_reasons_arrive_harmless(place, name):
    kind, given = "approval-requested", reasons(place, name)
    slack = json.loads(preview(place, kind, "slack", *given))
    assert slack_payload_faults(slack) == []
    bot = json.loads(preview(place, kind, "slack-bot", "--as", "edit", *given))
    assert slack_payload_faults(bot, update=True) == []
    discord = json.loads(preview(place, kind, "discord", *given))
    assert discord_payload_faults(discord) == []
    description = discord["embeds"][0]["description"]
    for live in ("@everyone", "@here", "<@", "](", "<#", "```"):
        assert live not in description.replace("\\" + live[0], ""), f"{live} is alive"
    plain, page = judge_mail(preview(place, kind, "email", *given), kind)
    assert len(page.find_all("a")) == 1 and not page.find_all(["script", "i", "s"])
    chats = [json.dumps(payload, ensure_ascii=False) for payload in (slack, discord)]
    for text in (*chats, plain, str(page)):
        assert not re.search("[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c]", text), "a mark of direction"
        assert not re.search("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]", text), "a control character"
    if len(HOSTILE[name]) > 600:
        assert "…" in plain, "it was not cut, or does not say so"
        assert len(plain) < 3000


def test_expired_is_never_called_rejected(place):
    for channel in ("slack", "discord", "email"):
        text = preview(place, "proposal-expired", channel, "--json")
        assert "expired, nobody answered" in text and "reject" not in text.lower()


def test_the_subject_is_the_essence(place):
    message, _, _ = mail_parts(preview(place, "approval-requested", "email", "--live"))
    assert message["Subject"] == "LIVE: approve BUY 400 NVDA, $47,280 by 14:32 New York"


def test_what_cannot_be_is_refused(place):
    for more in (
        ["--type", "nonsense", "--channel", "slack"],
        ["--type", "channel-test", "--channel", "pigeon"],
        ["--type", "channel-test", "--channel", "slack", "--as", "edit"],
        ["--type", "channel-test", "--channel", "email", "--as", "reply"],
    ):
        assert run(["notify", "preview", *more], PREVIEW_HELP, place).code == 2
