"""Where the secrets of a run may not be found: metrics, argument lists, the database, whatever was written (I10).

Answers and logs are searched by every test, as they come (harness/secrecy.py).
"""

import base64
import subprocess
from pathlib import Path

import psycopg
import pytest

from chaos.faults import named
from harness.program import tool
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def used(shared_desk):
    """Every kind of secret was used once: keys, tokens, PINs, sessions, links, channels, both webhook secrets."""
    desk = shared_desk
    proposal = desk.propose("META")
    link = desk.review_link(proposal)
    visitor = desk.visitor()
    visitor.get(link).decide("approve", pin="0000000009")
    visitor.get(link).decide("approve", pin=desk.pins["alice"])
    desk.wait_order(proposal["id"], "filled")
    person = desk.visitor()
    person.log_in("ada", desk.pins["ada"])
    for each in (visitor, person):
        for cookie in each.session.cookies:
            if "session" in cookie.name:
                desk.secret(cookie.value)
    for page in ("/settings/channels", "/settings/keys", "/settings/people", "/deliveries", "/settings"):
        person.get(page)
    for scope in desk.keys:
        desk.api(scope).request("GET", "/api/v1/trading/status")
    code = proposal["check_code"].encode()
    wait_until(lambda: any(code in item.body for item in desk.slack.items), "a chat heard of it")
    return desk


def spellings(secret):
    """As it is, and as a dump, a URL or a document may write it."""
    plain = secret.encode()
    shifts = (base64.b64encode(b"x" * lead + plain).decode() for lead in range(3))
    # Of Base64 only what does not depend on the neighbours.
    return {secret, plain.hex(), secret.replace("/", "%2F"), *(text[4:-4] for text in shifts)}


def found(text, secrets):
    return sorted({secret[:6] for secret in secrets for each in spellings(secret) if len(each) > 7 and each in text})


def test_no_metric_shows_one(used):
    assert not found(used.api().get("/metrics").text, used.secrets)


def processes(desk):
    """Those of the desk, and whatever they started."""
    parents = {}
    for directory in Path("/proc").glob("[0-9]*"):
        try:
            stat = (directory / "stat").read_text().rpartition(")")[2].split()
            parents[int(directory.name)] = int(stat[1])
        except OSError:
            continue
    mine = {process.child.pid for process in desk.processes.values() if process.is_running()}
    while more := {pid for pid, parent in parents.items() if parent in mine} - mine:
        mine |= more
    return mine


def test_no_argument_list_shows_one(used):
    seen = processes(used)
    assert len(seen) >= 3
    for pid in seen:
        try:
            arguments = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
        except OSError:
            continue
        assert not found(arguments, used.secrets), f"the arguments of process {pid} show a secret"


def test_the_database_holds_them_sealed_or_hashed(used):
    """Whoever steals a dump can neither log in, nor claim, nor write to a chat, nor sign."""
    done = subprocess.run([tool("pg_dump"), named(used.database)], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    assert "CREATE TABLE" in done.stdout and "COPY public.proposal_terms" in done.stdout
    assert not found(done.stdout, used.secrets)


def test_what_the_database_logs_of_itself_shows_none(used):
    """Statements in flight are seen by whoever may look at the database's activity: parameters are not."""
    with psycopg.connect(named(used.database)) as session:
        rows = session.execute("SELECT query FROM pg_stat_activity WHERE datname = %s", [used.database.name])
        assert not found("\n".join(row[0] or "" for row in rows.fetchall()), used.secrets)


def test_the_search_finds_what_is_there(used):
    """A search that finds nothing proves nothing, unless it would have."""
    for secret in used.secrets:
        around = f"prefix {secret} suffix"
        assert found(around, used.secrets)
        assert found("\\x" + ("p" + secret + "s").encode().hex(), used.secrets)
        if len(secret) > 12:
            assert found(base64.b64encode(f"a{secret}bcd".encode()).decode(), [secret])
