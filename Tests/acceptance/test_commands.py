"""The command line: what it prints, and what its exit codes say to scripts."""

import json
import os
import signal
import subprocess
import termios

import pytest

from harness.program import binary, clean_environment
from harness.terminal import AtTerminal
from harness.waiting import wait_until

COMMANDS = [
    "serve",
    "worker",
    "broker",
    "migrate",
    "propose",
    "wait",
    "list",
    "show",
    "approve",
    "reject",
    "withdraw",
    "status",
    "halt",
    "resume",
    "emergency-stop",
    "policy",
    "user",
    "key",
    "channel",
    "audit",
    "config",
    "version",
    "database",
    "books",
    "metrics",
    "calendar",
]


@pytest.mark.parametrize("command", COMMANDS)
def test_help_everywhere(desk, command):
    result = desk.command(command, "--help")
    assert command in result.out and len(result.out.splitlines()) > 2


def test_help_of_everything_names_every_command(desk):
    told = desk.command("--help").out
    assert all(command in told for command in COMMANDS)


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("dance",),
        ("serve", "--colour", "red"),
        ("user", "add"),
        ("user", "frobnicate", "--help"),
        ("key", "frobnicate"),
        ("user", "add", "x", "--role", "king"),
        ("key", "create", "--scope", "everything", "--name", "x"),
        ("approve",),
        ("propose",),
        ("policy", "apply", "/nowhere"),
        ("channel", "add", "pigeon", "--name", "x"),
        ("migrate", "extra"),
    ],
    ids=" ".join,
)
def test_wrong_usage_is_2(desk, arguments):
    result = desk.command(*arguments, code=None)
    assert result.code == 2 and result.err.strip() and not result.out.strip(), repr(result)


def test_version(desk):
    assert desk.command("version").out.strip()


def test_propose_show_approve(desk):
    file = desk.file("draft.json", desk.draft("AAPL"))
    made = desk.client("propose", file, "--json", key=desk.keys["propose"]).json
    assert made["state"] == "pending"
    shown = desk.client("show", made["id"], key=desk.keys["read"])
    assert "AAPL" in shown.out and made["check_code"] in shown.out
    proof = ("--check-code", made["check_code"])
    desk.client("approve", made["id"], *proof, key=desk.tokens["alice"])
    desk.wait_order(made["id"], "filled")
    again = desk.client("approve", made["id"], *proof, key=desk.tokens["bob"], code=None)
    assert again.code in (1, 3) and "alice" in again.err


def test_an_approval_without_a_terminal_names_its_order(desk):
    """A script has nobody to be asked: without a code or hash it would approve whatever stands there."""
    made = desk.propose("AAPL")
    bare = desk.client("approve", made["id"], key=desk.tokens["alice"], code=2)
    assert "--check-code" in bare.err and "Nothing was decided" in bare.err
    other = desk.client("approve", made["id"], "--check-code", "000000", key=desk.tokens["alice"], code=3)
    assert made["check_code"] in other.err
    assert desk.api("read").proposal(made["id"])["state"] == "pending"
    desk.client("approve", made["id"], "--hash", made["order_hash"], key=desk.tokens["alice"])
    assert desk.wait_order(made["id"], "filled")


def test_propose_by_flags(desk):
    price = desk.limit_price("AAPL")
    made = desk.client(
        "propose",
        "--symbol",
        "AAPL",
        "--side",
        "buy",
        "--qty",
        "1",
        "--type",
        "limit",
        "--limit-price",
        price,
        "--time-in-force",
        "day",
        "--strategy",
        "by-hand",
        "--json",
        key=desk.keys["propose"],
    ).json
    assert (made["symbol"], made["qty"], made["state"]) == ("AAPL", "1", "pending")
    listed = desk.client("list", "--state", "pending", "--json", key=desk.keys["read"]).json
    assert made["id"] in json.dumps(listed)
    desk.client("withdraw", made["id"], key=desk.keys["propose"])
    assert desk.api("read").proposal(made["id"])["state"] == "withdrawn"


@pytest.mark.parametrize(("verdict", "code", "word"), [("approve", 0, "approved"), ("reject", 3, "rejected")])
def test_propose_and_wait(desk, verdict, code, word):
    draft = desk.draft("AAPL")
    file = desk.file(f"{verdict}.json", draft)
    environment = clean_environment(
        COUNTERSIGN_SERVER_URL=desk.url, COUNTERSIGN_API_KEY=desk.keys["propose"], HOME=desk.directory
    )
    process = subprocess.Popen(
        [binary(), "propose", str(file), "--wait"],
        env=environment,
        cwd=desk.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    def mine():
        items = desk.api("read").read("/proposals?limit=20&symbol=AAPL")["items"]
        return next((item for item in items if item["external_ref"] == draft["external_ref"]), None)

    proposal = wait_until(mine, "the proposal is there")
    more = ["--comment", "no"] if verdict == "reject" else ["--check-code", proposal["check_code"]]
    arguments = [verdict, proposal["id"], *more]
    desk.client(*arguments, key=desk.tokens["alice"])
    out, err = process.communicate(timeout=60)
    assert process.returncode == code, (out + err).decode()
    waited = desk.client("wait", proposal["id"], key=desk.keys["propose"], code=None)
    assert waited.code == code, repr(waited)


def asked(server):
    """How often somebody has read a proposal."""
    return server.log.read_bytes().count(b'"method":"GET","route":"/api/v1/proposals/{id}"')


def test_waiting_outlives_a_restart_of_the_server(desk):
    made = desk.propose("AAPL")
    environment = clean_environment(
        COUNTERSIGN_SERVER_URL=desk.url, COUNTERSIGN_API_KEY=desk.keys["propose"], HOME=desk.directory
    )
    server = desk.processes["server"]
    before = asked(server)
    process = subprocess.Popen(
        [binary(), "wait", made["id"]],
        env=environment,
        cwd=desk.directory,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    wait_until(lambda: asked(server) > before, "it has asked once")
    server.kill()
    assert b"waiting for it" in process.stderr.readline()
    server.start()
    desk.wait_ready(server)
    desk.client("reject", made["id"], "--comment", "no", key=desk.tokens["alice"])
    out, _ = process.communicate(timeout=60)
    assert process.returncode == 3 and b"rejected" in out


def test_a_week_whose_report_is_not_made_has_no_check_code(desk):
    """Its numbers change with every reading: signing says that it is too early, and not that somebody changed it."""
    week = desk.client("review", "--json", key=desk.tokens["oscar"]).json["week"]
    reason = f"The report of {week} is not made yet; that happens on Sunday at 09:00 in New York."
    shown = desk.client("review", key=desk.tokens["oscar"]).out
    assert reason in shown and "check code" not in shown.lower()
    sign = ("review", "sign", week, "--decision", "continue", "--pin-stdin", "--check-code", "4f2a91")
    refused = desk.client(*sign, key=desk.tokens["oscar"], stdin=desk.pins["oscar"], code=1)
    assert reason in refused.err and "not the one you read" not in refused.err


def test_who_sees_a_proposal_hears_who_may_withdraw_it(desk):
    made = desk.propose("AAPL")
    refused = desk.client("withdraw", made["id"], key=desk.tokens["alice"], code=3)
    assert f"Only {made['proposed_by']}, who proposed it, may withdraw" in refused.err
    assert desk.api("read").proposal(made["id"])["state"] == "pending"


def test_what_is_wrong_is_named_as_it_was_typed(desk):
    listed = desk.client("list", "--state", "dreaming", key=desk.keys["read"], code=1).err
    assert "--state: must be one of" in listed and "stored" not in listed
    asked = ("propose", "--symbol", "AAPL", "--side", "buy", "--qty", "0", "--type", "market", "--strategy", "x")
    proposed = desk.client(*asked, key=desk.keys["propose"], code=1).err
    assert "--qty: must be above 0" in proposed and "nothing was stored" in proposed


def test_a_blocked_proposal_is_3(desk):
    file = desk.file("blocked.json", desk.draft("AAPL", qty="90000000"))
    result = desk.client("propose", file, key=desk.keys["propose"], code=None)
    assert result.code == 3, repr(result)
    assert "blocked" in (result.out + result.err).lower()


def test_a_server_that_is_not_there_is_1(desk):
    environment = clean_environment(
        COUNTERSIGN_SERVER_URL="http://127.0.0.1:1",
        COUNTERSIGN_API_KEY=desk.keys["read"],
        HOME=desk.directory,
    )
    from harness.program import run

    result = run(("status",), environment, desk.directory)
    assert result.code == 1 and "127.0.0.1:1" in result.err, repr(result)


def test_a_wrong_key_is_1_and_not_shown(desk):
    result = desk.client("status", key="csk_" + "w" * 40, code=None)
    assert result.code == 1 and "w" * 40 not in result.err + result.out, repr(result)


def test_secrets_are_never_arguments(desk):
    result = desk.command("user", "add", "zoe", "--role", "viewer", "--pin", "12345678", code=None)
    assert result.code == 2 and "12345678" not in result.err


@pytest.mark.parametrize(
    "arguments", [("user", "list"), ("key", "list"), ("channel", "list"), ("policy", "show")]
)
def test_lists_are_json_when_asked_and_hold_no_secret(desk, arguments):
    result = desk.command(*arguments, "--json")
    assert result.json is not None
    told = result.out + desk.command(*arguments).out
    assert not [secret for secret in desk.secrets if secret in told]


def test_policy_show_names_what_was_applied(desk):
    shown = desk.command("policy", "show", "--json").out
    assert "guarded-5k" in shown
    bad = desk.file("bad-policy.json", {"preset": "guarded-5k", "limits": {"max_postion_usd": "1"}})
    result = desk.command("policy", "apply", bad, code=None)
    assert result.code in (1, 2) and "max_postion_usd" in result.err


def test_migrating_again_changes_nothing(desk):
    desk.command("migrate")


def test_a_test_message(desk):
    before = len(desk.slack.about("This is a test"))
    desk.command("channel", "test", "desk", **{"COUNTERSIGN_ALLOW_PRIVATE_TARGETS": "127.0.0.0/8"})
    assert len(desk.slack.about("This is a test")) == before + 1


def echoes(person):
    return bool(termios.tcgetattr(person.keyboard)[3] & termios.ECHO)


def shown(person):
    """What stands at the terminal, once the command has ended."""
    person.child.wait(60)
    os.set_blocking(person.keyboard, False)
    try:
        return os.read(person.keyboard, 4096).decode()
    except OSError:
        return ""


def test_a_secret_that_is_typed_does_not_show(desk):
    desk.command("user", "add", "typist", "--role", "approver")
    arguments = ("user", "pin", "typist", "--pin-stdin")
    person = AtTerminal(arguments, desk.environment(), desk.directory)
    assert b"which does not show" in person.child.stderr.readline() and not echoes(person)
    person.type("73916482")
    assert "739" not in shown(person) and echoes(person)
    assert "The PIN of typist is set." in person.result().err
    desk.visitor().log_in("typist", "73916482")
    interrupted = AtTerminal(arguments, desk.environment(), desk.directory)
    interrupted.child.stderr.readline()
    interrupted.child.send_signal(signal.SIGINT)
    shown(interrupted)
    assert echoes(interrupted) and interrupted.result().code == -signal.SIGINT


def test_what_makes_a_key_tells_it_as_json_too(desk):
    listed = {key["name"]: key for key in json.loads(desk.command("key", "list", "--json").out)}
    made = json.loads(desk.command("key", "create", "--scope", "read", "--name", "as-json", "--json").out)
    token = json.loads(desk.command("user", "token", "alice", "--name", "as-json-too", "--json").out)
    for created, scope, user in ((made, "read", None), (token, "personal", "alice")):
        key = desk.secret(created.pop("key"))
        assert key.startswith("csk_") and created["hint"] == key[:8]
        assert (created["scope"], created["user"]) == (scope, user)
        assert set(created) == set(next(iter(listed.values())))
        desk.api().get("/api/v1/orders", headers={"Authorization": f"Bearer {key}"})
