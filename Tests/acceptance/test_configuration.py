"""A misconfigured start names every problem at once, in words, and exits 2."""

import socket

import pytest

from harness.program import clean_environment, free_port, run

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
    environment["COUNTERSIGN_SECRET_KEY"] = "cd" * 32
    result = run(("serve",), environment, desk.directory, seconds=60)
    assert result.code in (1, 2) and "COUNTERSIGN_SECRET_KEY" in result.err, result
