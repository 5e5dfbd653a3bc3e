"""A whole desk: database, broker, worker, server, people, keys, channels, set up by hand as the manual says."""

import base64
import json
import os
import secrets
import shutil
import tempfile
from pathlib import Path

import requests

from harness.doubles import DiscordDouble, MailDouble, SlackDouble, WorkerWebhook
from harness.ports import free_port
from harness.program import Process, clean_environment, run
from harness.secrecy import SecretWatch
from harness.waiting import wait_until
from harness.words import DeskWords

# Nothing but the rules of the broker itself: what a test does not try must not stand in its way.
OPEN_POLICY = {
    "preset": "guarded-5k",
    "limits": {
        "max_position_usd": None,
        "max_position_pct": None,
        "min_position_usd": None,
        "cash_reserve_min_pct": None,
        "max_open_positions": None,
        "max_new_positions_per_day": None,
        "max_new_positions_per_week": None,
        "stop_loss": {"required": False},
        "duplicate_window_seconds": None,
        "max_slippage_pct": None,
    },
    "breakers": {
        "daily_loss": None,
        "drawdown": None,
        "consecutive_losses": None,
        "position_loss": None,
        "execution_failures": None,
        "stale_snapshot": None,
        "reconcile_mismatch": None,
    },
}

PEOPLE = {
    "alice": "approver",
    "bob": "approver",
    "carol": "viewer",
    "oscar": "operator",
    "ada": "admin",
    "otto": "auditor",
}
SCOPES = ("propose", "work", "read", "alert", "operate")


class Desk(DeskWords, SecretWatch):
    """Everything that runs for a test, and the words to talk to it."""

    # Whether it stays for the whole run; otherwise it goes with the file that made it.
    is_shared = False

    def __init__(self, database=None, policy=OPEN_POLICY, cash="10000000", clock="always-open"):
        self.directory = Path(tempfile.mkdtemp(prefix="countersign-desk-"))
        # The private cluster is the user postgres's: it must be able to pass.
        self.directory.chmod(0o755)
        self.database, self.policy, self.cash, self.clock = database, policy, cash, clock
        self.secret_key = secrets.token_hex(32)
        self.worker_secret = "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()
        self.port, self.broker_port, self.worker_port = free_port(), free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.simulator = f"http://127.0.0.1:{self.broker_port}"
        self.pins = {name: str(secrets.randbelow(9 * 10**9) + 10**9) for name in PEOPLE}
        self.keys, self.tokens, self.processes, self._read = {}, {}, {}, {}
        self.secrets = {self.secret_key, self.worker_secret, *self.pins.values()}
        if database:
            self.secrets.add(database.password)
        self.slack, self.discord, self.mail = SlackDouble(), DiscordDouble(), MailDouble()
        self.webhook = WorkerWebhook(f"http://127.0.0.1:{self.worker_port}/")

    # What the processes are told

    def environment(self, **more):
        own = {
            "COUNTERSIGN_DATABASE_URL": self.database.url if self.database else None,
            "COUNTERSIGN_SECRET_KEY": self.secret_key,
            "HOME": self.directory,
        }
        return clean_environment(**{**own, **more})

    def server_environment(self, port=None, **more):
        port = port or self.port
        own = {
            "COUNTERSIGN_LISTEN": f"127.0.0.1:{port}",
            "COUNTERSIGN_PUBLIC_URL": self.url,
            "COUNTERSIGN_WORKER_URL": self.webhook.url + "/",
            "COUNTERSIGN_WORKER_SECRET": self.worker_secret,
            "COUNTERSIGN_ALLOW_PRIVATE_TARGETS": "127.0.0.0/8",
        }
        return self.environment(**{**own, **more})

    def worker_environment(self, port=None, **more):
        return clean_environment(
            COUNTERSIGN_LISTEN=f"127.0.0.1:{port or self.worker_port}",
            COUNTERSIGN_WORKER_SECRET=self.worker_secret,
            COUNTERSIGN_SERVER_URL=self.url,
            COUNTERSIGN_API_KEY=self.keys["work"],
            HOME=self.directory,
            ALPACA_API_KEY="PKACCEPTANCE",
            ALPACA_SECRET_KEY=self.broker_secret(),
            ALPACA_BASE_URL=self.simulator,
            ALPACA_DATA_URL=self.simulator,
            **more,
        )

    def broker_secret(self):
        if not hasattr(self, "_broker_secret"):
            self._broker_secret = "alpacasecret" + secrets.token_hex(12)
            self.secrets.add(self._broker_secret)
        return self._broker_secret

    # Setting up by hand (section 9 of the contract)

    def command(self, *arguments, stdin="", code=0, **more):
        """A command on the database, or with COUNTERSIGN_SERVER_URL and COUNTERSIGN_API_KEY, on the server."""
        result = self.watch_result(run(arguments, self.environment(**more), self.directory, stdin))
        assert code is None or result.code == code, f"exit {result.code}, not {code}: {result!r}"
        return result

    def client(self, *arguments, key, **options):
        """A command that speaks to the server with a key or a personal token."""
        environment = clean_environment(
            COUNTERSIGN_SERVER_URL=self.url, COUNTERSIGN_API_KEY=key, HOME=self.directory
        )
        code = options.pop("code", 0)
        result = self.watch_result(run(arguments, environment, self.directory, **options))
        assert code is None or result.code == code, f"exit {result.code}, not {code}: {result!r}"
        return result

    def file(self, name, content):
        path = self.directory / name
        path.write_text(content if isinstance(content, str) else json.dumps(content))
        return path

    def add_person(self, name, role):
        self.pins.setdefault(name, str(secrets.randbelow(9 * 10**9) + 10**9))
        self.secrets.add(self.pins[name])
        arguments = ("user", "add", name, "--role", role, "--email", f"{name}@example.com", "--pin-stdin")
        self.command(*arguments, stdin=self.pins[name])

    def create_key(self, scope, name=None):
        result = self.command("key", "create", "--scope", scope, "--name", name or f"{scope}-key")
        key = result.out.strip()
        assert key.startswith("csk_") and len(key.split()) == 1, f"not a key alone: {result!r}"
        return self.secret(key)

    def create_token(self, name):
        result = self.command("user", "token", name, "--name", "laptop")
        token = result.out.strip()
        assert token and len(token.split()) == 1, f"not a token alone: {result!r}"
        return self.secret(token)

    def set_up(self, people=PEOPLE, scopes=SCOPES, channels=True):
        self.command("migrate")
        for name, role in people.items():
            self.add_person(name, role)
            self.tokens[name] = self.create_token(name)
        for scope in scopes:
            self.keys[scope] = self.create_key(scope)
        if channels:
            self.add_channels()
        if self.policy is not None:
            self.command("policy", "apply", self.file("policy.json", self.policy))
        return self

    def add_channels(self):
        path = f"/services/T{secrets.token_hex(4).upper()}/B{secrets.token_hex(4).upper()}/{secrets.token_hex(12)}"
        self.secrets.add(path)
        slack = ("channel", "add", "slack", "--name", "desk", "--url-stdin", "--base-url", self.slack.url)
        self.command(*slack, stdin="https://hooks.slack.com" + path)
        token = secrets.token_urlsafe(48).replace("-", "x").replace("_", "y")
        self.secrets.add(token)
        discord = (
            "channel",
            "add",
            "discord",
            "--name",
            "lounge",
            "--url-stdin",
            "--base-url",
            self.discord.url,
        )
        self.command(*discord, stdin=f"https://discord.com/api/webhooks/112233445566778899/{token}")
        self.command(
            "channel",
            "add",
            "email",
            "--name",
            "alice",
            "--user",
            "alice",
            "--smtp",
            self.mail.url,
            "--from",
            "countersign@example.com",
        )

    # Processes

    def process(self, name, arguments, environment):
        log = self.directory / f"{name}.log"
        self.processes[name] = Process(name, arguments, environment, self.directory, log)
        return self.processes[name]

    def start_broker(self):
        arguments = (
            "broker",
            "--listen",
            f"127.0.0.1:{self.broker_port}",
            "--clock",
            self.clock,
            "--account",
            "SIM1",
        )
        broker = self.process(
            "broker", (*arguments, "--cash", self.cash), clean_environment(HOME=self.directory)
        )
        broker.start().wait_for_port(self.broker_port)
        return broker

    def start_server(self, name="server", port=None, **more):
        server = self.process(name, ("serve",), self.server_environment(port, **more)).start()
        self.wait_ready(server, port)
        return server

    def wait_ready(self, server, port=None, seconds=60):
        url = f"http://127.0.0.1:{port or self.port}/readyz"
        wait_until(lambda: server.expect_running() and answers(url), f"{server.name} is ready", seconds)

    def start_worker(self, name="worker", **more):
        worker = self.process(name, ("worker",), self.worker_environment(**more))
        return worker.start()

    def start(self, worker=True):
        self.start_broker()
        self.start_server()
        if worker:
            self.start_worker()
            self.wait_synced()
        return self

    def wait_synced(self, seconds=60, reports=2):
        """Until the worker has reported the account as it is after now.

        A report that arrives next may have been read from the broker before now; the one after it was not.
        After an execution that the worker itself has reported, the next one shows it.
        """
        for _ in range(reports if self.account_received_at() else 1):
            before = self.account_received_at()
            wait_until(
                lambda before=before: (
                    self.processes["worker"].expect_running() and self.account_received_at() != before
                ),
                "the worker has reported the account",
                seconds,
            )

    def account_received_at(self):
        return self.api("read").read("/trading/status")["account_received_at"]

    def close(self):
        for name in ("server", "second", "worker", "standby", "broker"):
            if name in self.processes:
                self.processes[name].stop()
        for process in self.processes.values():
            process.stop()
        if not self.database:
            run(["database", "stop"], self.environment(), self.directory)
        for double in (self.slack, self.discord, self.mail, self.webhook):
            double.close()
        if self.database:
            self.database.drop()
        if not os.environ.get("COUNTERSIGN_KEEP_DESKS"):
            shutil.rmtree(self.directory, ignore_errors=True)


def answers(url, status=200):
    try:
        return requests.get(url, timeout=5).status_code == status
    except requests.RequestException:
        return False
