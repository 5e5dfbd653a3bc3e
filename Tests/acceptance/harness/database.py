"""Databases of their own for every desk, with a role of its own, on a server that is given or started here."""

import os
import secrets
import subprocess
import tempfile
from contextlib import contextmanager
from urllib.parse import quote, urlsplit, urlunsplit

import psycopg

from harness.program import ROOT


class DatabaseServer:
    """The throwaway server of COUNTERSIGN_TEST_DATABASE_URL, or one of ops/test-database."""

    def __init__(self):
        self.directory = None
        self.url = os.environ.get("COUNTERSIGN_TEST_DATABASE_URL")
        if not self.url:
            self.directory = tempfile.mkdtemp(prefix="countersign-acceptance-")
            self.url = self._own("start").strip()

    def _own(self, action):
        done = subprocess.run(
            [ROOT / "ops" / "test-database", action, self.directory], capture_output=True, text=True
        )
        assert done.returncode == 0, f"ops/test-database {action} failed: {done.stderr}"
        return done.stdout

    def create(self):
        return Database(self)

    def close(self):
        if self.directory:
            self._own("stop")


class Database:
    """One database, owned by a role with a password that must never be seen anywhere."""

    def __init__(self, server):
        self.server = server
        self.name = "cs_acceptance_" + secrets.token_hex(6)
        self.password = "dbpw" + secrets.token_hex(12)
        with self.administer() as session:
            session.execute(f"CREATE ROLE {self.name} LOGIN PASSWORD '{self.password}'")
            session.execute(f"CREATE DATABASE {self.name} OWNER {self.name}")
        self.url = self._url()

    def _url(self):
        parts = urlsplit(self.server.url)
        place = parts.netloc.rpartition("@")[2]
        who = f"{self.name}:{quote(self.password)}"
        return urlunsplit(("postgresql", f"{who}@{place}", "/" + self.name, parts.query, ""))

    def administer(self):
        return psycopg.connect(self.server.url, autocommit=True)

    def connect(self, **options):
        """As the application itself does."""
        return psycopg.connect(self.url, autocommit=True, **options)

    @contextmanager
    def away(self):
        """Throws everybody out and lets nobody in."""
        try:
            with self.administer() as session:
                session.execute(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
                session.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [self.name]
                )
            yield
        finally:
            with self.administer() as session:
                session.execute(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")

    def drop(self):
        with self.administer() as session:
            session.execute(f"DROP DATABASE IF EXISTS {self.name} WITH (FORCE)")
            session.execute(f"DROP ROLE IF EXISTS {self.name}")
