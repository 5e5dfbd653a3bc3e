"""A PostgreSQL that may be killed: nothing that it confirmed may be lost by that."""

import os
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psycopg

from harness.database import DatabaseServer
from harness.program import ROOT
from harness.waiting import wait_until


class Cluster(DatabaseServer):
    """A throwaway cluster of its own, whose processes are known."""

    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="countersign-chaos-db-")
        self.url = self._own("start").strip()
        self.socket = f"{self.directory}/.s.PGSQL.5432"
        # What was confirmed must survive the death of the process (not of the machine: no fsync).
        with psycopg.connect(self.url, autocommit=True) as session:
            session.execute("ALTER SYSTEM SET synchronous_commit = on")
            session.execute("ALTER SYSTEM SET full_page_writes = on")
            session.execute("SELECT pg_reload_conf()")

    @property
    def postmaster(self):
        return int(Path(self.directory, "data", "postmaster.pid").read_text().split()[0])

    def children(self):
        listed = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.postmaster)], capture_output=True, text=True
        )
        return [int(word) for word in listed.stdout.split()]

    def pids(self):
        return [self.postmaster, *self.children()]

    def kill_backend(self):
        """PostgreSQL answers the death of one process by starting all anew."""
        with psycopg.connect(self.url, autocommit=True, connect_timeout=10) as session:
            row = session.execute(
                "SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend'"
                " AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1"
            ).fetchone()
        if row:
            send(row, signal.SIGKILL)

    def kill(self):
        pids = self.pids()
        send(pids, signal.SIGKILL)
        wait_until(lambda: not any(map(alive, pids)), "PostgreSQL died")

    def resume(self, seconds=60):
        deadline = time.monotonic() + seconds
        while True:
            done = subprocess.run(
                [ROOT / "ops" / "test-database", "resume", self.directory], capture_output=True, text=True
            )
            if done.returncode == 0 or self.answers():
                return
            assert time.monotonic() < deadline, f"PostgreSQL does not start again: {done.stderr}"
            time.sleep(0.5)

    def answers(self):
        try:
            with psycopg.connect(self.url, connect_timeout=3):
                return True
        except psycopg.Error:
            return False


def alive(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def send(pids, number):
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            pass
