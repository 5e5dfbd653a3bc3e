"""No database named: the program keeps a private one; and what happens while that is away."""

import os
import signal
import time
from pathlib import Path

import pytest
import requests

from harness.desk import Desk
from harness.waiting import wait_until


@pytest.fixture(scope="module")
def desks():
    """Not on the tests' database server: on the program's own. As root where the tests are run as root."""
    made = []

    def make(**options):
        made.append(Desk(None, **options))
        return made[-1]

    make.made = made
    yield make
    for desk in made:
        desk.close()


@pytest.fixture(scope="module")
def embedded(desks):
    return (
        desks()
        .set_up(people={"alice": "approver"}, scopes=("propose", "work", "read"), channels=False)
        .start()
    )


def postmaster(desk):
    """The private cluster's main process."""
    found = [path for path in Path(desk.directory).rglob("postmaster.pid")]
    assert found, "the private cluster is under var/postgres"
    lines = found[0].read_text().splitlines()
    return int(lines[0]), Path(lines[1])


def test_the_private_cluster_is_there_and_nobody_elses(embedded):
    pid, data = postmaster(embedded)
    owner = Path(f"/proc/{pid}").stat().st_uid
    assert owner != 0, "PostgreSQL is never run as root"
    assert data.stat().st_mode & 0o077 == 0
    assert (embedded.directory / "var" / "postgres") in [data, *data.parents]
    status = embedded.command("database", "status")
    assert "running" in status.out.lower()


def test_a_trade_goes_through(embedded):
    proposal = embedded.propose("NVDA")
    embedded.approve(proposal)
    embedded.wait_order(proposal["id"], "filled")


def test_a_database_that_dies_is_503_and_comes_back(embedded):
    desk = embedded
    proposal = desk.propose("AAPL")
    pid, _ = postmaster(desk)
    os.kill(pid, signal.SIGKILL)
    api = desk.api("read")
    deadline = time.monotonic() + 60
    statuses = []
    while time.monotonic() < deadline and 503 not in statuses:
        began = time.monotonic()
        answer = api.request("GET", f"/api/v1/proposals/{proposal['id']}")
        assert time.monotonic() - began < 20, "a request without a database must fail fast"
        statuses.append(answer.status_code)
        if answer.status_code == 503:
            assert answer.headers["Content-Type"].startswith("application/problem+json")
        assert answer.status_code in (200, 503), answer.text
    assert 503 in statuses
    # Nobody does anything: the server starts its private cluster again by itself.
    wait_until(
        lambda: requests.get(desk.url + "/readyz", timeout=30).status_code == 200,
        "the server is ready again",
        120,
    )
    assert b"database.starting" in desk.processes["server"].log.read_bytes()
    desk.processes["server"].expect_running()
    assert api.proposal(proposal["id"])["state"] == "pending"
    desk.approve(proposal)
    desk.wait_order(proposal["id"], "filled", seconds=60)


def test_stopping_and_starting_it(embedded):
    desk = embedded
    desk.processes["worker"].stop()
    desk.processes["server"].stop()
    desk.command("database", "stop")
    assert "running" not in desk.command("database", "status").out.lower()
    assert "alice" in desk.command("user", "list").out
