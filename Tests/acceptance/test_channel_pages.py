"""The pages of channels, as an admin uses them in a real browser, with scripts and without."""

import secrets

import pytest

from harness.browser import DESKTOP, PHONE, Reader
from harness.provider import Room
from harness.provider_desk import ProviderDesk
from harness.waiting import wait_until

SCRIPTS = ["with scripts", "without"]


@pytest.fixture(scope="module")
def channel_desk(desks, database_server):
    desk = ProviderDesk(database_server.create())
    desks.made.append(desk)
    return desk.set_up().start()


@pytest.fixture(params=SCRIPTS)
def admin(request, browsers, channel_desk):
    reader = Reader(browsers(request.param), channel_desk, DESKTOP)
    reader.log_in("ada")
    return reader.open("/settings/channels")


def sign(reader, form):
    """The PIN at the foot of a form, and its first button."""
    reader.fill(f"#{form}-pin", reader.desk.pins["ada"])
    return reader.press(f"button[name=action][value^={form}]")


def add_bot(reader, name):
    room, conversation = Room(), "C" + secrets.token_hex(5).upper()
    token = reader.desk.secret("xoxb-" + secrets.token_hex(16))
    reader.desk.provider.rooms[conversation] = reader.desk.rooms[name] = room
    reader.fill("#slack-name", name).fill("#slack-url", token).fill("#slack-channel", conversation)
    reader.fill("#slack-base_url", reader.desk.provider.url)
    sign(reader, "slack")
    return room, conversation, token


def is_unseen(reader, *secrets_typed):
    for each in secrets_typed:
        assert each not in reader.driver.page_source and each not in reader.driver.current_url


def test_a_slack_app_is_added_tested_changed_and_taken_out_of_use(admin):
    name = "app-" + secrets.token_hex(3)
    room, conversation, token = add_bot(admin, name)
    assert f"by bot token to {conversation}" in admin.text, admin.text
    is_unseen(admin, token)
    sign(admin, "test")
    assert "The test message arrived." in admin.text
    assert len(room.calls) == 1 and room.calls[0].headers["Authorization"] == f"Bearer {token}"

    other = "C" + secrets.token_hex(5).upper()
    admin.desk.provider.rooms[other] = Room()
    admin.fill("#change-channel", other)
    sign(admin, "change")
    assert "Saved." in admin.text and f"to {other}" in admin.text
    sign(admin, "test")
    assert len(admin.desk.provider.rooms[other].calls) == 1, "the token that was sealed still works"

    admin.fill("#change-base_url", "https://elsewhere.example.com")
    sign(admin, "change")
    assert "is needed again" in admin.text and admin.has("#change-url[aria-invalid=true]")

    admin.fill("#disable-reason", "moved house")
    sign(admin, "disable")
    assert "disabled: moved house" in admin.text and not admin.has("#disable-reason")
    sign(admin, "enable")
    assert "Enabled again." in admin.text
    is_unseen(admin, token)
    admin.open("/settings/channels")
    assert name in admin.text and "in use" in admin.text
    is_unseen(admin, token)
    assert not admin.complaints()
    admin.desk.command("channel", "disable", name)


def test_what_is_wrong_is_said_at_its_field_and_the_secret_forgotten(admin):
    token = admin.desk.secret("xoxb-" + secrets.token_hex(16))
    admin.fill("#slack-name", "half").fill("#slack-url", token)
    sign(admin, "slack")
    assert admin.has("#problem") and admin.has("#slack-channel[aria-invalid=true]"), admin.text
    assert "it says where to post" in admin.text
    assert admin.find("#slack-name").get_attribute("value") == "half"
    assert admin.find("#slack-url").get_attribute("value") == ""
    is_unseen(admin, token)
    admin.fill("#discord-name", "half").fill("#discord-url", "no address")
    sign(admin, "discord")
    assert admin.has("#discord-url[aria-invalid=true]")


def test_a_wrong_pin_changes_no_channel(admin):
    admin.fill("#discord-name", "never").fill("#discord-url", "https://discord.com/api/webhooks/1/" + "x" * 32)
    admin.fill("#discord-pin", "00000000").press("button[value=discord-add]")
    assert "PIN" in admin.find("#problem").text
    assert "never" not in admin.desk.command("channel", "list").out


def test_the_forms_fit_a_phone(browsers, channel_desk):
    reader = Reader(browsers("with scripts"), channel_desk, PHONE)
    reader.log_in("ada")
    page, window = reader.open("/settings/channels").widths()
    assert page <= window + 1


def test_an_open_page_keeps_no_session_alive(browsers, desk):
    """Its refresh is answered and is no use; going to a page is."""
    reader = Reader(browsers("with scripts"), desk, DESKTOP)
    reader.log_in("alice")

    def idle_seconds():
        with desk.database.connect() as session:
            return session.execute(
                "SELECT extract(epoch FROM clock_timestamp() - max(s.last_seen_at)) FROM sessions s"
                " JOIN users u ON u.id = s.user_id WHERE u.name = 'alice' AND s.ended_at IS NULL"
            ).fetchone()[0]

    with desk.database.connect() as session:
        session.execute("UPDATE sessions SET last_seen_at = clock_timestamp() - interval '1 hour'")
    proposal = desk.propose("META")
    card = f"a[href='/proposals/{proposal['id']}']"
    wait_until(lambda: reader.has(card), "the open page has refreshed itself")
    assert idle_seconds() >= 3600
    reader.open("/history")
    assert idle_seconds() < 3000
    desk.api("bob").decide(proposal, "reject")
