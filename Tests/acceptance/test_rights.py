"""Who may do what: scopes of keys, roles of people, and what a stranger learns."""

import re

import pytest

from harness.api import problem

NOWHERE = "00000000-0000-0000-0000-000000000000"
SCOPES = {"propose", "work", "read", "alert", "operate"}

# Method, path, and the scopes the contract gives it; every other scope must be refused, and so must no key at all.
# fmt: off
ENDPOINTS = [
    ("POST", "/proposals", {"propose"}),
    ("GET", f"/proposals/{NOWHERE}", {"propose", "read"}),
    ("GET", "/proposals", {"read", "propose"}),
    ("POST", f"/proposals/{NOWHERE}/withdraw", {"propose"}),
    ("POST", f"/proposals/{NOWHERE}/decisions", set()),
    ("POST", f"/proposals/{NOWHERE}/revoke", set()),
    ("GET", "/orders", {"read", "work"}),
    ("GET", f"/orders/{NOWHERE}", {"read", "work"}),
    ("POST", "/worker/sync", {"work"}),
    ("POST", f"/orders/{NOWHERE}/claim", {"work"}),
    ("POST", f"/orders/{NOWHERE}/reports", {"work"}),
    ("GET", "/trading/status", {"read", "operate", "work"}),
    ("GET", "/risk/metrics", {"read"}),
    ("GET", "/risk/mismatches", {"read"}),
    ("GET", "/reports/daily/today", {"read"}),
    ("GET", "/reports/weekly/current", {"read"}),
    ("GET", "/reviews/current", {"read"}),
    ("POST", "/reviews/2024-W48/answers", set()),
    ("POST", "/reviews/2024-W48/sign", set()),
    ("POST", f"/risk/mismatches/{NOWHERE}/clear", {"operate"}),
    ("GET", "/trading/account", {"read"}),
    ("POST", "/emergency-stop", {"operate"}),
    ("POST", "/emergency-resume", {"operate"}),
    ("GET", "/positions/active", {"read"}),
    ("GET", "/risk/limits", {"read"}),
    ("POST", "/halts", {"operate"}),
    ("GET", "/halts", {"read", "operate"}),
    ("POST", f"/halts/{NOWHERE}/clear", {"operate"}),
    ("GET", "/commands", {"read", "operate", "work"}),
    ("POST", f"/commands/{NOWHERE}/reports", {"work"}),
    ("POST", f"/commands/{NOWHERE}/withdraw", {"operate"}),
    ("POST", "/positions/NVDA/close", {"operate"}),
    ("GET", "/policy", {"read"}),
    ("PUT", "/policy", set()),
    ("GET", "/policy/versions", {"read"}),
    ("POST", f"/policy/drafts/{NOWHERE}/accept", set()),
    ("POST", f"/policy/drafts/{NOWHERE}/reject", set()),
    ("GET", "/events", {"read"}),
    ("POST", "/alerts", {"alert"}),
    ("GET", "/alerts", {"read", "alert"}),
    ("GET", f"/alerts/{NOWHERE}", {"read", "alert"}),
    ("POST", f"/alerts/{NOWHERE}/ack", set()),
    ("POST", f"/alerts/{NOWHERE}/resolve", {"alert"}),
]
# fmt: on
REFUSED = [(m, p, scope) for m, p, allowed in ENDPOINTS for scope in sorted(SCOPES - allowed)]
MUST_REACH = [
    (m, p, s)
    for m, p, allowed in ENDPOINTS
    for s in sorted(allowed & {"propose", "work", "read"})
    if p
    not in (
        "/emergency-stop",
        "/emergency-resume",
        "/halts",
        "/events",
        "/trading/status",
        "/trading/account",
        "/risk/metrics",
    )
    and not (p == "/proposals" and s == "propose" and m == "GET")
]


# Described, and not by scope: the journal is the auditors', the keys that orders are signed with are everybody's.
OTHERWISE = {("GET", "/audit"), ("GET", "/audit/checkpoint"), ("GET", "/signing-keys")}


def unwritten(description, endpoints):
    """What the interface describes and no row of the matrix does; Tests/WebTests/RightsMatrix.swift has the roles too."""

    def shape(path):
        return re.sub(rf"\{{[^}}]*\}}|{NOWHERE}|\b(NVDA|today|current|2024-W48)\b", "{}", path)

    there = {
        (method.upper(), shape(path.removeprefix("/api/v1")))
        for path, item in description["paths"].items()
        for method in item
        if path.startswith("/api/v1/") and method in ("get", "post", "put", "patch", "delete")
    }
    return there - {(method, shape(path)) for method, path, *_ in endpoints} - OTHERWISE


def test_every_route_has_a_row(desk):
    assert not unwritten(desk.api().get("/openapi.json").json(), ENDPOINTS)


def test_a_route_without_a_row_is_found(desk):
    description = desk.api().get("/openapi.json").json()
    description["paths"]["/api/v1/backdoor/{id}"] = {"post": {}}
    assert unwritten(description, ENDPOINTS) == {("POST", "/backdoor/{}")}
    assert unwritten(description, ENDPOINTS[1:]) == {("POST", "/backdoor/{}"), ("POST", "/proposals")}


@pytest.mark.parametrize(("method", "path", "scope"), REFUSED)
def test_a_scope_opens_nothing_else(desk, method, path, scope):
    body = {} if method != "GET" else None
    problem(desk.api(scope).request(method, "/api/v1" + path, body), 403)


@pytest.mark.parametrize(("method", "path", "scope"), MUST_REACH)
def test_a_scope_opens_what_it_is_for(desk, method, path, scope):
    answer = desk.api(scope).request(method, "/api/v1" + path, {} if method != "GET" else None)
    assert answer.status_code not in (401, 403, 405) and answer.status_code < 500, answer.text


@pytest.mark.parametrize(("method", "path"), [(method, path) for method, path, _ in ENDPOINTS])
def test_nothing_opens_without_a_key(desk, method, path):
    body = {} if method != "GET" else None
    problem(desk.api().request(method, "/api/v1" + path, body), 401)
    for wrong in ("csk_wrong", "Bearer", "csk_" + "a" * 60):
        answer = desk.api().request(
            method, "/api/v1" + path, body, headers={"Authorization": f"Bearer {wrong}"}
        )
        problem(answer, 401)


def test_a_key_in_the_address_opens_nothing(desk):
    answer = desk.api().session.get(f"{desk.url}/api/v1/proposals?key={desk.keys['read']}", timeout=30)
    assert answer.status_code in (400, 401)


@pytest.mark.parametrize("path", ["/api/v1/audit", "/api/v1/audit/checkpoint"])
def test_the_journal_is_the_auditors(desk, path):
    assert desk.api("otto").get(path).json()
    for scope in ("propose", "work", "alert", "operate"):
        problem(desk.api(scope).request("GET", path), 403)
    problem(desk.api().request("GET", path), 401)


def test_a_stranger_sees_nothing_of_the_trade(desk):
    proposal = desk.propose("NFLX", rationale="a very private reason")
    page = desk.visitor().get(f"/proposals/{proposal['id']}")
    told = (page.html + str(page.answer.headers)).lower()
    for word in (
        "nflx",
        "private reason",
        proposal["limit_price"],
        proposal["check_code"].lower(),
        "momentum",
    ):
        assert word not in told, f"a stranger reads {word!r}"
    other = desk.visitor().get(f"/proposals/{NOWHERE}")
    assert (other.status, other.path) == (page.status, page.path), (
        "a stranger learns which proposals there are"
    )


SETTINGS = {
    "/settings": {"alice", "carol", "otto", "ada"},
    "/settings/policy": {"alice", "carol", "otto", "ada"},
    "/settings/people": {"otto", "ada"},
    "/settings/keys": {"otto", "ada"},
    "/settings/channels": {"otto", "ada"},
    "/settings/people/{bob}": {"otto", "ada"},
    "/settings/channels/{first}": {"otto", "ada"},
}


def settings_path(desk, pattern):
    """The address of one person's or one channel's page: an admin finds it on the list."""
    if "{" not in pattern:
        return pattern
    admin = desk.visitor()
    admin.log_in("ada", desk.pins["ada"])
    folder, _, name = pattern.rpartition("/")
    links = [node for node in admin.get(folder).soup.select(f"td a[href^='{folder}/']")]
    return next(link["href"] for link in links if name == "{first}" or link.get_text() == name.strip("{}"))


@pytest.mark.parametrize("path", sorted(SETTINGS))
def test_settings_are_shown_to_whom_they_concern_and_changed_by_admins(desk, path):
    pattern, path = path, settings_path(desk, path)
    stranger = desk.visitor().get(path)
    assert any(form.password_field() for form in stranger.forms) and "csk_" not in stranger.html
    for name in sorted(SETTINGS["/settings"] & set(desk.pins)):
        visitor = desk.visitor()
        visitor.log_in(name, desk.pins[name])
        page = visitor.get(path)
        assert page.status == (200 if name in SETTINGS[pattern] else 403), (name, page)
        changes = [form for form in page.forms if form.action.endswith(path)]
        assert bool(changes) == (path == "/settings" or name == "ada"), (name, page)
        answer = visitor.session.post(
            desk.url + path,
            data={"action": "add", "name": "mallory", "pin": desk.pins[name]},
            headers={"Origin": desk.url, "Sec-Fetch-Site": "same-origin"},
            allow_redirects=False,
            timeout=30,
        )
        assert answer.status_code == 403, "a form without its nonce was taken"


@pytest.mark.parametrize("path", ["/", "/history", "/orders", "/positions", "/risk", "/alerts", f"/alerts/{NOWHERE}", "/reports/daily/today", "/reports/weekly/current", "/reviews/current"])
def test_pages_ask_who_is_there(desk, path):
    page = desk.visitor().get(path)
    assert "NVDA" not in page.html and any(form.password_field() for form in page.forms), page


@pytest.mark.parametrize("path", ["/login", "/", "/nothing", "/healthz"])
def test_answers_protect_the_reader(desk, path):
    headers = desk.visitor().get(path).answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    policy = headers["Content-Security-Policy"]
    assert (
        "frame-ancestors 'none'" in policy
        and "unsafe-inline" not in policy
        and "default-src 'none'" in policy
    )
    assert "no-store" in headers["Cache-Control"] or path == "/healthz"
    assert "microhttpd" not in str(headers).lower()


def test_the_session_cookie_is_out_of_reach(desk):
    visitor = desk.visitor()
    visitor.log_in("bob", desk.pins["bob"])
    assert list(visitor.session.cookies), "a session has a cookie"
    form = next(form for form in desk.visitor().get("/login").forms if form.password_field())
    answer = visitor.session.post(
        form.action,
        data={**form.fields, form.text_field(): "bob", form.password_field(): desk.pins["bob"]},
        headers={"Origin": desk.url, "Sec-Fetch-Site": "same-origin"},
        allow_redirects=False,
        timeout=30,
    )
    cookie = answer.headers.get("Set-Cookie", "")
    if cookie:
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie or "SameSite=Strict" in cookie, cookie
    other = desk.visitor()
    page = other.log_in("bob", "0000000000")
    assert not any("session" in cookie.name.lower() for cookie in other.session.cookies if cookie.value), page
    assert any(form.password_field() for form in other.get("/").forms)


def test_logging_out_ends_the_session(desk):
    visitor = desk.visitor()
    page = visitor.log_in("bob", desk.pins["bob"])
    kept = dict(visitor.session.cookies)
    form = next(form for form in page.forms if "logout" in form.action)
    visitor.submit(form)
    thief = desk.visitor()
    thief.session.cookies.update(kept)
    assert any(form.password_field() for form in thief.get("/").forms), "a session that was ended still opens"


def test_metrics_and_health_need_no_key_and_show_no_trade(desk):
    assert desk.api().get("/healthz").status_code == 200
    assert desk.api().get("/readyz").status_code == 200
    metrics = desk.api().get("/metrics").text
    assert "# TYPE" in metrics and "NVDA" not in metrics and "alice" not in metrics


def test_the_applications_own_role_cannot_go_around_the_guards(desk):
    """Direct SQL with the very role the server uses (I1, I8)."""
    import psycopg

    done = desk.propose("AAPL")
    desk.approve(done)
    done = desk.wait_order(done["id"], "filled")
    pending = desk.propose("AAPL")
    with desk.database.connect() as session:
        columns = [
            row[0]
            for row in session.execute(
                "SELECT column_name FROM information_schema.columns WHERE table_name = 'orders' AND is_generated = 'NEVER'"
            )
        ]
        as_pending = {
            "id": "gen_random_uuid()",
            "proposal_id": f"'{pending['id']}'",
            "client_order_id": "'cs-paper-' || gen_random_uuid()",
        }
        values = ", ".join(as_pending.get(name, name) for name in columns)
        with pytest.raises(psycopg.Error):
            session.execute(
                f"INSERT INTO orders ({', '.join(columns)}) SELECT {values} FROM orders WHERE id = %s",
                [done["order_id"]],
            )
        attacks = [
            "UPDATE proposal_states SET state = 'approved', decided_at = now() WHERE proposal_id = %s",
            "UPDATE proposal_states SET state = 'released', decided_at = now() WHERE proposal_id = %s",
            "UPDATE proposals SET state = 'approved' WHERE id = %s",
            "UPDATE proposal_terms SET approvals_required = 0 WHERE id = %s",
            "DELETE FROM proposal_terms WHERE id = %s",
            "DELETE FROM proposal_states WHERE proposal_id = %s",
        ]
        for attack in attacks:
            with pytest.raises(psycopg.Error):
                session.execute(attack, [pending["id"]])
        for table in ("journal", "decisions", "fills"):
            for attack in (f"DELETE FROM {table}", f"TRUNCATE {table}"):
                with pytest.raises(psycopg.Error):
                    session.execute(attack)
        column = session.execute(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'journal' AND data_type = 'jsonb'"
            " OR table_name = 'journal' AND data_type = 'text' LIMIT 1"
        ).fetchone()[0]
        with pytest.raises(psycopg.Error):
            session.execute(f"UPDATE journal SET {column} = {column}")
    assert desk.api("read").proposal(pending["id"])["state"] == "pending"
