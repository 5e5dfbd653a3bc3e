"""Links and forms: what a mail scanner, a thief or a forger can do with them, which is nothing."""

import pytest
import requests

from harness.pages import Form, Page


@pytest.fixture
def waiting(desk):
    proposal = desk.propose("META")
    return proposal, desk.review_link(proposal)


def state(desk, proposal):
    return desk.api("read").proposal(proposal["id"])["state"]


def test_a_robot_that_tries_everything_leaves_it_pending(desk, waiting):
    proposal, link = waiting
    session = requests.Session()
    for address in (link, f"/proposals/{proposal['id']}"):
        for method in ("HEAD", "GET", "OPTIONS", "GET"):
            assert session.request(method, desk.url + address, timeout=30).status_code < 500
        page = Page(None, session.get(desk.url + address, timeout=30))
        for anchor in page.soup.find_all("a", href=True):
            target = requests.compat.urljoin(page.url, anchor["href"])
            if target.startswith(desk.url):
                session.get(target, timeout=30)
        for form in page.forms:
            for name, value, _ in [(None, None, None), *form.buttons]:
                fields = {**form.fields, **({name: value} if name else {})}
                for filled in (fields, {**fields, "pin": ""}, {**fields, "name": "alice", "pin": ""}):
                    headers = {"Origin": desk.url, "Sec-Fetch-Site": "same-origin"}
                    session.request(
                        form.method.upper(), form.action, data=filled, headers=headers, timeout=30
                    )
                session.get(form.action, params=fields, timeout=30)
        for verdict in ("approve", "reject"):
            body = {"verdict": verdict, "order_hash": proposal["order_hash"]}
            session.post(desk.url + address, data=body, timeout=30)
            session.get(desk.url + address, params=body, timeout=30)
            session.put(desk.url + address, data=body, timeout=30)
    assert state(desk, proposal) == "pending"
    assert desk.api("read").proposal(proposal["id"])["decisions"] == []
    page = desk.visitor().get(link).decide("reject", pin=desk.pins["alice"])
    assert page.status == 200, f"a robot without a PIN has locked out the person: {page}"


def test_looking_changes_nothing(desk, waiting):
    proposal, link = waiting
    before = desk.api("read").proposal(proposal["id"])
    for _ in range(3):
        desk.visitor().get(link)
    assert desk.api("read").proposal(proposal["id"]) == before


def test_a_forwarded_link_shows_no_figures_of_the_account(desk, waiting):
    proposal, link = waiting
    account = desk.api("read").read("/trading/account")
    page = desk.visitor().get(link)
    assert "META" in page.text
    figures = [account[name] for name in ("cash", "equity", "buying_power") if account.get(name)]
    assert figures
    plain = page.text.replace(",", "")
    for figure in figures:
        assert figure.split(".")[0] not in plain, f"a forwarded link shows {figure}"


def test_a_wrong_pin_says_so(desk, waiting):
    proposal, link = waiting
    page = desk.visitor().get(link).decide("approve", pin="0000000001")
    assert page.status == 403 and "pin" in page.text.lower(), page
    assert state(desk, proposal) == "pending"
    assert page.decide("approve", pin=desk.pins["alice"]).status == 200, "the page goes on after a wrong PIN"


def test_somebody_elses_pin_is_a_wrong_pin(desk, waiting):
    proposal, link = waiting
    page = desk.visitor().get(link).decide("approve", pin=desk.pins["bob"])
    assert page.status == 403
    assert state(desk, proposal) == "pending"


@pytest.mark.parametrize(
    ("origin", "site"),
    [("https://evil.example", "cross-site"), ("https://evil.example", "same-origin"), ("null", "cross-site")],
)
def test_a_form_of_another_site_is_refused(desk, waiting, origin, site):
    proposal, link = waiting
    visitor = desk.visitor()
    visitor.log_in("bob", desk.pins["bob"])
    for address in (link, f"/proposals/{proposal['id']}"):
        form = visitor.get(address).form("verdict")
        page = visitor.submit(form, form.button("approve"), origin=origin, site=site, pin=desk.pins["alice"])
        assert page.status == 403, page
    assert state(desk, proposal) == "pending"


def test_a_nonce_is_of_one_page_and_one_session(desk, waiting):
    proposal, link = waiting
    other = desk.propose("META")
    bob, ada = desk.visitor(), desk.visitor()
    bob.log_in("bob", desk.pins["bob"])
    ada.log_in("ada", desk.pins["ada"])
    nonces = [
        ada.get(f"/proposals/{proposal['id']}").form("verdict").fields["nonce"],
        bob.get(f"/proposals/{other['id']}").form("verdict").fields["nonce"],
        "",
        "0" * 64,
    ]
    form = bob.get(f"/proposals/{proposal['id']}").form("verdict")
    for nonce in nonces:
        assert bob.submit(form, form.button("approve"), nonce=nonce).status == 403
    assert state(desk, proposal) == "pending"
    assert bob.submit(form, form.button("reject")).status == 200
    assert state(desk, proposal) == "rejected"


def test_a_changed_token_opens_nothing(desk, waiting):
    proposal, link = waiting
    token = link.removeprefix("/r/")
    other = desk.review_link(desk.propose("META")).removeprefix("/r/")
    half = len(token) // 2
    for wrong in (
        token[:-1] + ("A" if token[-1] != "A" else "B"),
        token + "A",
        token[:half] + other[half:],
        "x",
        "%00",
    ):
        page = desk.visitor().get("/r/" + wrong)
        assert page.status in (400, 403, 404) and "META" not in page.html, page
    assert state(desk, proposal) == "pending"


def variants(token):
    """The token as programs on its way may have rewritten it."""
    encoded = "".join(f"%{ord(character):02X}" for character in token)
    return {
        "percent-encoded": encoded,
        "percent-encoded twice": encoded.replace("%", "%25"),
        "swapped case": token.swapcase(),
        "padded": token + "=",
        "with a dot": token + ".",
        "with a NUL": token + "%00",
        "with a blank": token + "%20",
        "with a line break": token + "%0d%0aSet-Cookie:%20a=b",
        "with a path": token + "/..",
        "with an encoded path": token + "%2F..%2Fdecide",
        "with a query": token + "?verdict=approve",
        "very long": token * 100,
        "longer than any header": token * 2000,
        "long and foreign": "%F0%9F%92%A9" * 500,
    }


def test_a_token_in_other_spellings_decides_nothing_and_is_never_repeated(desk, waiting):
    proposal, link = waiting
    token = link.removeprefix("/r/")
    for name, variant in variants(token).items():
        for method in ("HEAD", "GET", "POST", "PUT", "DELETE", "OPTIONS"):
            answer = requests.request(
                method,
                desk.url + "/r/" + variant,
                data={"verdict": "approve", "order_hash": proposal["order_hash"]} if method == "POST" else None,
                allow_redirects=False,
                timeout=30,
            )
            place = f"{method} {name}: {answer.status_code}"
            assert answer.status_code < 500, place
            assert answer.status_code >= 400 or answer.headers.get("Location", "").startswith(
                (f"/proposals/{proposal['id']}", "/login")
            ) or method == "OPTIONS", place
            assert token[:20] not in answer.text, f"{place} repeats the token"
            shown = {key: value for key, value in answer.headers.items() if key.lower() != "set-cookie"}
            assert token[:20] not in str(shown), f"{place} repeats the token in its headers"
            assert "a" not in answer.cookies, f"{place} let a header in"
    assert state(desk, proposal) == "pending"
    desk.scan_logs()
    for log in desk.directory.glob("*.log"):
        assert token[:20] not in log.read_text(errors="replace"), f"{log.name} holds the token"


def test_looking_at_the_head_answers_like_a_page_without_its_body(desk, waiting):
    proposal, link = waiting
    head = requests.head(desk.url + link, allow_redirects=False, timeout=30)
    full = requests.get(desk.url + link, allow_redirects=False, timeout=30)
    assert head.status_code == full.status_code == 303 and head.content == b""
    assert head.headers["Location"] == full.headers["Location"]
    assert full.headers["Referrer-Policy"] == "no-referrer" and full.headers["Cache-Control"] == "no-store"
    assert state(desk, proposal) == "pending"


def test_a_page_of_error_says_nothing_of_what_was_asked_for(desk, waiting):
    proposal, link = waiting
    token = link.removeprefix("/r/")
    for path in (f"/{token}", f"/rr/{token}", f"/proposals/{token}", f"/settings/people/{token}", f"/problems/{token}"):
        for headers in ({"Accept": "text/html"}, {"Accept": "application/json"}):
            answer = requests.get(desk.url + path, headers=headers, allow_redirects=False, timeout=30)
            assert 300 <= answer.status_code < 500, path
            told = answer.text + str({**answer.headers, "Location": ""})
            assert token[:20] not in told, f"{path} is repeated"
    api = requests.get(desk.url + f"/api/v1/proposals/{token}", timeout=30)
    assert api.status_code in (401, 404) and token[:20] not in api.text


def test_an_old_link_opens_with_the_new_pin_and_not_with_the_old(desk):
    desk.add_person("nadia", "approver")
    old, new = desk.pins["nadia"], "8040215937"
    proposal = desk.propose("META")
    session = desk.visitor()
    session.log_in("nadia", old)
    assert session.get("/history").path == "/history"
    desk.secret(new)
    desk.command("user", "pin", "nadia", "--pin-stdin", stdin=new)
    page = session.get("/history")
    assert page.path == "/login", f"a session outlived its PIN: {page}"
    assert desk.visitor().log_in("nadia", old).status == 403
    visitor = desk.visitor()
    assert visitor.log_in("nadia", new).status == 200
    page = visitor.get(f"/proposals/{proposal['id']}").decide("reject")
    assert page.status == 200 and state(desk, proposal) == "rejected", page


def test_five_wrong_pins_by_link_lock_the_login_there_too(desk):
    # Earlier tests have typed wrong ones too.
    desk.command("user", "unlock", "alice")
    proposal = desk.propose("META")
    link = desk.review_link(proposal)
    visitor = desk.visitor()
    for _ in range(5):
        page = visitor.get(link).decide("approve", pin="0000000001")
        assert page.status == 403, page
    right = visitor.get(link).decide("approve", pin=desk.pins["alice"])
    assert right.status in (403, 423, 429) and "locked" in right.text.lower(), right
    other = desk.visitor().log_in("alice", desk.pins["alice"])
    assert other.status in (403, 423, 429) and "locked" in other.text.lower(), other
    assert state(desk, proposal) == "pending"
    desk.command("user", "unlock", "alice")
    assert visitor.get(link).decide("reject", pin=desk.pins["alice"]).status == 200
    assert state(desk, proposal) == "rejected"


def test_the_loser_of_a_race_reads_who_won(desk, waiting):
    proposal, link = waiting
    page = desk.visitor().get(link)
    desk.api("bob").decide(proposal, "reject", comment="too late in the day")
    page = page.decide("approve", pin=desk.pins["alice"])
    assert page.status == 409, page
    assert "bob" in page.text.lower() and "rejected" in page.text.lower()
    assert state(desk, proposal) == "rejected"


def test_five_wrong_pins_lock(desk):
    desk.add_person("eve", "approver")
    desk.command(
        "channel",
        "add",
        "email",
        "--name",
        "eve",
        "--user",
        "eve",
        "--smtp",
        desk.mail.url,
        "--from",
        "countersign@example.com",
    )
    proposal = desk.propose("META")
    visitor = desk.visitor()
    for _ in range(5):
        visitor.log_in("eve", "1111111111")
    page = visitor.log_in("eve", desk.pins["eve"])
    assert page.status in (403, 423, 429), page
    assert "locked" in page.text.lower()
    assert any(form.password_field() for form in visitor.get("/").forms)
    assert state(desk, proposal) == "pending"
    desk.command("user", "disable", "eve")


def test_a_disabled_persons_link_and_token_open_nothing(desk):
    desk.add_person("mallory", "approver")
    desk.tokens["mallory"] = desk.create_token("mallory")
    proposal = desk.propose("META")
    visitor = desk.visitor()
    visitor.log_in("mallory", desk.pins["mallory"])
    form = visitor.get(f"/proposals/{proposal['id']}").form("verdict")
    desk.command("user", "disable", "mallory")
    page = visitor.submit(form, form.button("approve"), pin=desk.pins["mallory"])
    assert page.path == "/login" or page.status in (401, 403), page
    answer = desk.api("mallory").request(
        "POST",
        f"/api/v1/proposals/{proposal['id']}/decisions",
        {"verdict": "approve", "order_hash": proposal["order_hash"]},
    )
    assert answer.status_code in (401, 403)
    assert state(desk, proposal) == "pending"


def test_every_form_has_labels_and_posts(desk, waiting):
    proposal, link = waiting
    page = desk.visitor().get(link)
    for form in page.forms:
        assert isinstance(form, Form) and form.method == "post"
        for field in form.node.find_all(["input", "textarea", "select"]):
            if (field.get("type") or "text") not in ("hidden", "submit"):
                label = page.soup.find("label", attrs={"for": field.get("id")}) or field.find_parent("label")
                assert label or field.get("aria-label"), f"{field.get('name')} has no label"
