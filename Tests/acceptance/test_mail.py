"""Mail as mail servers see it: encrypted or not at all, refused in every way, and threaded by its proposal."""

import secrets

import pytest
from bs4 import BeautifulSoup

from harness.doubles import html_text, links_in, plain_text
from harness.mailhost import Certificate, MailHost
from harness.provider_desk import ProviderDesk
from harness.waiting import wait_until

LATER = {
    "rcpt-421": ("RCPT", "421 4.3.2 shutting down"),
    "rcpt-450": ("RCPT", "450 4.2.1 mailbox busy"),
    "rcpt-451": ("RCPT", "451 4.7.1 greylisted, come back"),
    "data-451": ("DATA", "451 4.3.0 try again"),
    "data-452": ("DATA", "452 4.2.2 mailbox is full for now"),
}
NEVER = {
    "data-552": ("DATA", "552 5.3.4 too large"),
    "data-554": ("DATA", "554 5.7.1 looks like spam"),
    "rcpt-554": ("RCPT", "554 5.7.1 refused by policy"),
}
GONE = {"rcpt-550": ("RCPT", "550 5.1.1 no such user"), "rcpt-551": ("RCPT", "551 5.1.6 user has moved")}


class Post:
    """The desk with one channel for every way a mail server can take a mail or not."""

    def __init__(self, desk):
        self.desk = desk
        self.trusted, self.forged = (Certificate(desk.directory, name) for name in ("trusted", "forged"))
        self.password = desk.secret("mailpw" + secrets.token_hex(12))
        self.host = MailHost(self.trusted, self.password)
        self.stranger = MailHost(self.forged, self.password)
        self.bare = MailHost()
        self.hosts = (self.host, self.stranger, self.bare)

    def add_channels(self):
        right, wrong = self.password, self.desk.secret("wrongpw" + secrets.token_hex(12))
        log_in = ("--smtp-user", "desk", "--password-stdin")
        for name, answer in {**LATER, **NEVER, **GONE, "sound": None, "second": None}.items():
            recipient = f"{name}@example.com"
            self.host.scripts[recipient] = [answer] if answer else []
            self.add(name, self.host, *log_in, stdin=right)
        self.add("wrong", self.host, *log_in, stdin=wrong)
        self.add("nobody", self.host)
        self.add("stranger", self.stranger, *log_in, stdin=right)
        self.add("bare", self.bare, *log_in, stdin=right)
        # Who is told of the channels that are lost, so that nobody else is.
        self.desk.add_mail("ada-mail", "ada")

    def add(self, name, host, *more, stdin=""):
        self.desk.add_mail(name, None, host.url, "--to", f"{name}@example.com", *more, stdin=stdin)

    def close(self):
        for host in self.hosts:
            host.close()


@pytest.fixture(scope="module")
def post(desks, database_server):
    desk = ProviderDesk(database_server.create())
    desks.made.append(desk)
    post = Post(desk.set_up())
    post.add_channels()
    desk.start_broker()
    targets = "127.0.0.0/8,0.0.0.0/0"
    desk.start_server(SSL_CERT_FILE=post.trusted.file, COUNTERSIGN_ALLOW_PRIVATE_TARGETS=targets)
    desk.start_worker()
    desk.wait_synced()
    post.proposal = desk.propose("NVDA", rationale="grüße & <b>Bold</b>\n.\n..\nFrom here on " + "ü" * 300)
    yield post
    post.close()


def arrived(post, name, count=1):
    found = wait_until(
        lambda: (lambda mails: mails if len(mails) >= count else None)(post.host.to(f"{name}@example.com")),
        f"{count} mails for {name} arrive",
    )
    return found[0]


def test_it_arrives_encrypted_and_logged_in(post):
    mail = arrived(post, "sound")
    assert post.proposal["check_code"] in plain_text(mail)
    ours = [asked for asked in post.host.asked if asked[0] == "sound@example.com"]
    assert ours == [("sound@example.com", True, True)]


@pytest.mark.parametrize("name", LATER)
def test_not_now_is_tried_again_as_the_same_mail(post, name):
    mail = arrived(post, name)
    recipient = f"{name}@example.com"
    asked = [each for each in post.host.asked if each[0] == recipient]
    assert len(asked) == 2
    offered = post.host.to(recipient, post.host.offered)
    assert len(offered) == (2 if LATER[name][0] == "DATA" else 1)
    assert {each["Message-ID"] for each in offered} == {mail["Message-ID"]}
    assert not post.desk.channel(name).get("disabled_at")


@pytest.mark.parametrize("name", NEVER)
def test_no_to_this_mail_is_final_for_it_alone(post, name):
    def dead():
        return [card for card in post.desk.deliveries("dead") if card["to"] == name]

    (card,) = wait_until(dead, "it is given up")
    assert NEVER[name][1].split()[0] in card["error"] and card["attempts"] == 1
    assert not post.desk.channel(name).get("disabled_at")


@pytest.mark.parametrize("name", GONE)
def test_no_such_mailbox_ends_the_channel(post, name):
    assert GONE[name][1].split()[0] in post.desk.wait_disabled(name)["disabled_reason"]
    assert len([each for each in post.host.asked if each[0] == f"{name}@example.com"]) == 1


@pytest.mark.parametrize(("name", "code"), [("wrong", "535"), ("nobody", "530")])
def test_a_log_in_that_fails_ends_the_channel_and_tells_no_password(post, name, code):
    reason = post.desk.wait_disabled(name)["disabled_reason"]
    assert code in reason, reason
    assert not [each for each in post.host.asked if each[0] == f"{name}@example.com"]


@pytest.mark.parametrize("name", ["stranger", "bare"])
def test_nothing_is_said_to_a_server_that_is_not_trusted(post, name):
    """A certificate that nobody vouches for, or no encryption at all: the mail waits, and says why."""

    def waiting():
        queued = [card for card in post.desk.deliveries("queued") if card["to"] == name and card["error"]]
        return queued and queued[0]

    error = wait_until(waiting, "it waits and says why")["error"]
    assert ("certificate" if name == "stranger" else "encryption") in error.lower(), error
    host = post.stranger if name == "stranger" else post.bare
    assert not host.asked and not host.offered
    assert not post.desk.channel(name).get("disabled_at"), "a fault that may pass takes no channel away"


def test_every_mail_has_one_recipient_and_no_defect(post):
    arrived(post, "second")
    for mail in [*post.host.kept, *post.desk.mail.messages]:
        assert [each.addr_spec for each in mail["To"].addresses] == mail.envelope.rcpt_tos
        assert len(mail.envelope.rcpt_tos) == 1
        assert not mail.defects and not any(part.defects for part in mail.walk())
        assert not any(mail[name].defects for name in ("Date", "From", "To", "Subject", "Message-ID"))
        assert mail["Date"].datetime and mail["Auto-Submitted"] == "auto-generated"
        assert mail["From"].addresses[0].addr_spec == "countersign@example.com"
        plain, html = mail.iter_parts()
        assert (plain.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
        page = BeautifulSoup(html_text(mail), "html.parser")
        assert [link["href"] for link in page.find_all("a")] == links_in(plain_text(mail))
        lines = [line for line in mail.envelope.content.split(b"\r\n") if len(line) > 998]
        assert not lines and b"\n" not in mail.envelope.content.replace(b"\r\n", b"")


def test_text_and_html_give_the_same_reasons(post):
    mail = arrived(post, "sound")
    text = plain_text(mail).replace("\r\n", "\n")
    assert "grüße & <b>Bold</b>\n.\n..\nFrom here on ü" in text
    page = BeautifulSoup(html_text(mail), "html.parser")
    assert not page.find("b", string="Bold") and "grüße & <b>Bold</b>" in page.get_text()


def test_all_mails_of_a_proposal_hang_together(post):
    desk = post.desk
    other = desk.propose("AAPL")
    desk.approve(post.proposal)
    desk.wait_order(post.proposal["id"], "filled")

    def told():
        mails = post.host.to("sound@example.com")
        return [mail for mail in mails if "filled" in str(mail["Subject"])]

    wait_until(told, "the outcome is told")
    threads = {}
    for mail in post.host.to("sound@example.com"):
        if mail["References"]:
            threads.setdefault(mail["References"], []).append(mail)
            assert mail["In-Reply-To"] == mail["References"]
    identities = [mail["Message-ID"] for mails in threads.values() for mail in mails]
    assert len(identities) == len(set(identities)) and not set(identities) & set(threads)
    assert len(threads) == 2
    ours = threads[f"<proposal-{post.proposal['id']}@127.0.0.1>"]
    assert len(ours) >= 2 and all(post.proposal["check_code"] in plain_text(mail) for mail in ours)
    (theirs,) = [mails for root, mails in threads.items() if other["id"] in root]
    assert all(other["check_code"] in plain_text(mail) for mail in theirs)


def test_no_password_is_seen_anywhere(post):
    """The pages and lists were searched as they came; this is what the database keeps."""
    post.desk.deliveries()
    with post.desk.database.connect() as session:
        rows = session.execute("SELECT each::text FROM channels AS each").fetchall()
        rows += session.execute("SELECT each::text FROM deliveries AS each").fetchall()
    stored = str(rows)
    assert len(rows) > 20 and not [secret[:6] for secret in post.desk.secrets if secret in stored]
