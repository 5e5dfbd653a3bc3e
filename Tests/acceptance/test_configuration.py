"""A misconfigured start names every problem at once, in words, and exits 2."""

import secrets
import socket

import pytest

from harness.ports import free_port
from harness.program import clean_environment, run

GOOD_SECRET = "ab" * 32


def serve(directory, *arguments, **environment):
    return run(("serve", *arguments), clean_environment(HOME=directory, **environment), directory, seconds=60)


@pytest.fixture
def directory(tmp_path):
    return tmp_path


def test_every_problem_is_named_at_once(directory):
    result = serve(
        directory,
        COUNTERSIGN_MODE="demo",
        COUNTERSIGN_LISTEN="nowhere:99999",
        COUNTERSIGN_PUBLIC_URL="ftp:/x",
        COUNTERSIGN_SECRET_KEY="short",
        COUNTERSIGN_DATABASE_URL="mysql://x",
        COUNTERSIGN_WORKER_URL="not a url",
        COUNTERSIGN_WORKER_SECRET="guess",
        COUNTERSIGN_ALLOW_PRIVATE_TARGETS="10.0.0.0/99",
        COUNTERSIGN_COLOUR="red",
    )
    assert result.code == 2, result
    for name in (
        "MODE",
        "LISTEN",
        "PUBLIC_URL",
        "SECRET_KEY",
        "DATABASE_URL",
        "WORKER_URL",
        "WORKER_SECRET",
        "ALLOW_PRIVATE_TARGETS",
        "COLOUR",
    ):
        assert f"COUNTERSIGN_{name}" in result.err, f"COUNTERSIGN_{name} is not named: {result!r}"
    assert "guess" not in result.err and "short" not in result.err.replace("too short", "").replace(
        "shorter", ""
    )


def test_config_check_prints_the_same(directory):
    environment = clean_environment(HOME=directory, COUNTERSIGN_MODE="demo", COUNTERSIGN_COLOUR="red")
    result = run(("config", "check"), environment, directory)
    assert result.code == 2, result
    told = result.out + result.err
    assert "COUNTERSIGN_MODE" in told and "COUNTERSIGN_COLOUR" in told


def test_an_unknown_name_is_an_error(directory):
    result = serve(directory, COUNTERSIGN_SECRET_KEY=GOOD_SECRET, COUNTERSIGN_LISTNE="127.0.0.1:1")
    assert result.code == 2 and "COUNTERSIGN_LISTNE" in result.err, result


def test_a_file_gives_the_same_names(directory):
    file = directory / "countersign.conf"
    file.write_text("COUNTERSIGN_MODE=demo\nCOUNTERSIGN_COLOUR=red\n")
    result = serve(directory, "--config", str(file))
    assert result.code == 2 and "COUNTERSIGN_MODE" in result.err and "COUNTERSIGN_COLOUR" in result.err, (
        result
    )
    missing = serve(directory, "--config", str(directory / "none"))
    assert missing.code == 2 and "none" in missing.err


def test_a_secret_may_be_in_a_file_that_must_exist(directory):
    result = serve(directory, COUNTERSIGN_SECRET_KEY_FILE=str(directory / "absent"))
    assert result.code == 2 and "COUNTERSIGN_SECRET_KEY_FILE" in result.err, result


def test_a_worker_names_its_problems(directory):
    result = run(
        ("worker",),
        clean_environment(HOME=directory, COUNTERSIGN_SERVER_URL="x", COUNTERSIGN_MODE="both"),
        directory,
    )
    assert result.code == 2, result
    for name in ("COUNTERSIGN_SERVER_URL", "COUNTERSIGN_API_KEY", "ALPACA_API_KEY", "ALPACA_SECRET_KEY"):
        assert name in result.err, f"{name} is not named: {result!r}"


def test_a_worker_sends_paper_orders_nowhere_live(directory):
    environment = clean_environment(
        HOME=directory,
        COUNTERSIGN_SERVER_URL="http://127.0.0.1:1",
        COUNTERSIGN_API_KEY="csk_" + "a" * 40,
        COUNTERSIGN_LISTEN=f"127.0.0.1:{free_port()}",
        ALPACA_API_KEY="PKX",
        ALPACA_SECRET_KEY="s" * 40,
        ALPACA_BASE_URL="https://api.alpaca.markets",
    )
    result = run(("worker",), environment, directory, seconds=60)
    assert result.code == 2 and "ALPACA_BASE_URL" in result.err, result


def test_a_taken_port_is_said_so(desk):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(("serve",), desk.server_environment(port), desk.directory, seconds=60)
        assert result.code in (1, 2) and str(port) in result.err and "in use" in result.err.lower(), result
        result = run(
            ("broker", "--listen", f"127.0.0.1:{port}"), clean_environment(), desk.directory, seconds=30
        )
        assert result.code in (1, 2) and str(port) in result.err, result


def test_a_database_that_is_not_there_is_said_so(desk):
    environment = desk.server_environment(free_port())
    environment["COUNTERSIGN_DATABASE_URL"] = "postgresql://nobody:dbpwsecret@127.0.0.1:1/none"
    result = run(("migrate",), environment, desk.directory, seconds=60)
    assert result.code == 1 and "127.0.0.1" in result.err and "dbpwsecret" not in result.err, result


def test_one_database_is_of_one_mode(desk):
    environment = desk.server_environment(free_port(), COUNTERSIGN_MODE="live")
    result = run(("serve",), environment, desk.directory, seconds=60)
    assert result.code in (1, 2) and "paper" in result.err and "live" in result.err, result


def test_another_secret_key_is_noticed(desk):
    environment = desk.server_environment(free_port())
    environment["COUNTERSIGN_SECRET_KEY"] = secrets.token_hex(32)
    result = run(("serve",), environment, desk.directory, seconds=60)
    assert result.code in (1, 2) and "begun with" in result.err, result
    result = run(("config", "check"), environment, desk.directory, seconds=60)
    assert result.code == 1 and "problem: COUNTERSIGN_SECRET_KEY" in result.out, result


# Every setting there is: of which process, a value that makes no sense (None where any text does), and whether it may
# stand in a file of its own.
# fmt: off
EVERY_SETTING = {
    "COUNTERSIGN_MODE": ("server worker", "demo", False),
    "COUNTERSIGN_DATABASE_URL": ("server", "mysql://dbsecret@x", True),
    "COUNTERSIGN_LISTEN": ("server worker", "nowhere:99999", False),
    "COUNTERSIGN_PUBLIC_URL": ("server", "ftp:/x", False),
    "COUNTERSIGN_SECRET_KEY": ("server", "tooshortsecret", True),
    "COUNTERSIGN_WORKER_URL": ("server", "not a url", False),
    "COUNTERSIGN_WORKER_SECRET": ("server worker", "guessedsecret", True),
    "COUNTERSIGN_ALLOW_PRIVATE_TARGETS": ("server worker", "10.0.0.0/99", False),
    "SSL_CERT_FILE": ("server", None, False),
    "COUNTERSIGN_TRUSTED_PROXIES": ("server", "0.0.0.0/0", False),
    "COUNTERSIGN_SESSION_HOURS": ("server", "25", False),
    "COUNTERSIGN_SESSION_IDLE_MINUTES": ("server", "4", False),
    "COUNTERSIGN_SERVER_URL": ("worker client", "nowhere", False),
    "COUNTERSIGN_API_KEY": ("worker client", None, True),
    "COUNTERSIGN_SERVER_PUBLIC_KEY": ("worker", None, False),
    "COUNTERSIGN_WORKER_ID": ("worker", None, False),
    "COUNTERSIGN_STATE_DIRECTORY": ("server worker", None, False),
    "COUNTERSIGN_RESOURCES": ("server", None, False),
    "COUNTERSIGN_LOG_LEVEL": ("server worker", "loud", False),
    "ALPACA_API_KEY": ("worker", None, True),
    "ALPACA_SECRET_KEY": ("worker", None, True),
    "ALPACA_BASE_URL": ("worker", "x y", False),
    "COUNTERSIGN_PLOT_PROGRAM": ("server", None, False),
    "ALPACA_DATA_URL": ("worker", "x y", False),
    "LIVE_TRADING_ENABLED": ("worker", "maybe", False),
}
# fmt: on
SENSELESS = [
    (name, process, bad)
    for name, (processes, bad, _) in EVERY_SETTING.items()
    for process in processes.split()
    if bad is not None
]


def check(directory, process, **environment):
    given = clean_environment(HOME=directory, **environment)
    return run(("config", "check", "--for", process), given, directory, seconds=60)


def test_the_list_of_settings_is_whole(directory):
    told = run(("config", "check", "--help"), clean_environment(HOME=directory), directory).out
    listed = {
        line.split()[0]: "…_FILE" in line
        for line in told.splitlines()
        if line.startswith("  ") and line.split()[0].isupper() and "_" in line.split()[0]
    }
    assert listed == {name: is_secret for name, (_, _, is_secret) in EVERY_SETTING.items()}


def test_what_keeps_a_worker_from_starting_is_found(directory):
    result = check(
        directory,
        "worker",
        COUNTERSIGN_API_KEY="csk_given",
        ALPACA_API_KEY="PKGIVEN",
        ALPACA_SECRET_KEY="onegivensecret",
        ALPACA_BASE_URL="https://api.alpaca.markets",
        COUNTERSIGN_SERVER_PUBLIC_KEY="abc",
    )
    assert result.code == 2 and result.out.count("problem: ") == 2, result
    assert "api.alpaca.markets" in result.out and "COUNTERSIGN_SERVER_PUBLIC_KEY" in result.out, result


def test_the_simulated_broker_minds_the_names_of_settings_too(directory):
    given = clean_environment(HOME=directory, COUNTERSIGN_COLOUR="red")
    result = run(("broker", "--listen", "127.0.0.1:0"), given, directory, seconds=60)
    assert result.code == 2 and "COUNTERSIGN_COLOUR" in result.err, result


@pytest.mark.parametrize(("name", "process", "bad"), SENSELESS)
def test_a_value_that_makes_no_sense_is_named_and_a_secret_one_not_repeated(directory, name, process, bad):
    result = check(directory, process, **{name: bad})
    assert result.code == 2 and name in result.out + result.err, result
    if EVERY_SETTING[name][2]:
        assert bad not in result.out + result.err, result


@pytest.mark.parametrize("name", sorted(name for name, told in EVERY_SETTING.items() if told[2]))
def test_every_secret_may_be_in_a_file_and_not_in_both_places(directory, name):
    process = EVERY_SETTING[name][0].split()[0]
    secret = directory / "secret"
    secret.write_text("\n")
    empty = check(directory, process, **{f"{name}_FILE": str(secret)})
    assert empty.code == 2 and f"{name}_FILE" in empty.out and "empty" in empty.out, empty
    secret.write_text("onegivensecret\n")
    both = check(directory, process, **{f"{name}_FILE": str(secret), name: "another-given-secret"})
    assert both.code == 2 and "both given" in both.out and "given-secret" not in both.out, both
    result = check(directory, process, **{f"{name}_FILE": str(secret)})
    assert f"{name} is missing" not in result.out and "onegivensecret" not in result.out, result


@pytest.mark.parametrize("name", sorted(name for name, told in EVERY_SETTING.items() if not told[2]))
def test_what_is_no_secret_has_no_file(directory, name):
    if name.endswith("_FILE"):
        return
    result = check(directory, "server", **{f"{name}_FILE": "/etc/hostname"})
    ours = name.startswith("COUNTERSIGN_")
    assert (result.code == 2 and f"{name}_FILE" in result.out) == ours, result


@pytest.mark.parametrize(("hours", "minutes", "is_good"), [("1", "5", True), ("24", "1440", True), ("0", "5", False)])
def test_bounds_of_sessions_are_their_own_edges(directory, hours, minutes, is_good):
    result = check(
        directory, "server", COUNTERSIGN_SESSION_HOURS=hours, COUNTERSIGN_SESSION_IDLE_MINUTES=minutes
    )
    assert ("COUNTERSIGN_SESSION" not in result.out) == is_good, result
