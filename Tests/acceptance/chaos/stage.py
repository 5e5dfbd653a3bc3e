"""Everything that runs: a desk with two servers and two workers, each behind lines that can be broken."""

import copy
import subprocess
import threading
import time
from urllib.parse import quote

from harness.database import Database
from harness.desk import OPEN_POLICY, Desk
from harness.ports import free_port
from harness.waiting import wait_until

from chaos.cluster import Cluster
from chaos.proxy import Network


def policy(approvals):
    """Short times, so that a run comes to rest soon: a minute is the shortest there is."""
    document = copy.deepcopy(OPEN_POLICY)
    document["approval"] = {"timeout_minutes": 1, "validity_minutes": 1, "approvals": approvals}
    document["execution"] = {"order_timeout_minutes": 1}
    return document


class Stage(Desk):
    """A desk of which anything may die; what died is started again by `keep`."""

    def __init__(self, seed, channels=("slack", "discord", "email"), has_time=True):
        self.seed, self.channels, self.has_time = seed, channels, has_time
        self.cluster = Cluster()
        super().__init__(Database(self.cluster), policy=policy(1 + seed % 2), cash="100000000")
        self.network = Network()
        self.ports = {name: free_port() for name in ("server1", "server2", "worker1", "worker2")}
        self.port = self.ports["server1"]
        self.url = f"http://127.0.0.1:{self.port}"
        self.urls = [f"http://127.0.0.1:{self.ports[name]}" for name in ("server1", "server2")]
        for number in "12":
            self.network.add(f"server{number}-database", self.cluster.socket)
            self.network.add(f"worker{number}-server", self.ports[f"server{number}"])
            self.network.add(f"worker{number}-broker", self.broker_port)
            self.network.add(f"server{number}-worker", self.ports[f"worker{number}"])
        self.down, self.held, self.ended = set(), threading.RLock(), []

    def line(self, name):
        return self.network.lines[name]

    # Processes

    def prepare(self):
        """Everything but the processes: people, keys, channels, policy."""
        self.set_up()
        if "slack" not in self.channels:
            self.command("channel", "disable", "desk")
        for number in "12":
            self.process(f"server{number}", ("serve",), self.server(number))
            self.process(f"worker{number}", ("worker",), self.worker(number))
        self.process("broker", self.broker(), self.environment())
        return self

    def server(self, number):
        port = self.line(f"server{number}-database").port
        who = f"{self.database.name}:{quote(self.database.password)}"
        environment = self.server_environment(self.ports[f"server{number}"])
        environment["COUNTERSIGN_DATABASE_URL"] = (
            f"postgresql://{who}@127.0.0.1:{port}/{self.database.name}?sslmode=disable"
        )
        environment["COUNTERSIGN_WORKER_URL"] = self.line(f"server{number}-worker").url + "/"
        return environment

    def worker(self, number):
        broker = self.line(f"worker{number}-broker").url
        environment = self.worker_environment(self.ports[f"worker{number}"])
        return {
            **environment,
            "COUNTERSIGN_WORKER_ID": f"worker{number}",
            "COUNTERSIGN_SERVER_URL": self.line(f"worker{number}-server").url,
            "ALPACA_BASE_URL": broker,
            "ALPACA_DATA_URL": broker,
        }

    def broker(self):
        state = self.directory / "broker-state.jsonl"
        options = {"clock": "always-open", "account": "SIM1", "cash": self.cash, "partial-fills": 30}
        options |= {"fill-delay-ms": 400, "seed": self.seed, "state": state, "multiplier": 4}
        arguments = ["broker", "--listen", f"127.0.0.1:{self.broker_port}"]
        for name, value in options.items():
            arguments += [f"--{name}", value]
        return arguments

    def open(self):
        """All processes run, and the account is known."""
        self.processes["broker"].start().wait_for_port(self.broker_port)
        for name in ("server1", "server2", "worker1", "worker2"):
            self.processes[name].start()
        for name in ("server1", "server2"):
            self.wait_ready(self.processes[name], self.ports[name])
        self.processes["worker"] = self.processes["worker1"]
        self.wait_synced()
        del self.processes["worker"]
        return self

    def keep(self):
        """As a service manager does: what ended by itself is started again, and noted."""
        with self.held:
            for name, process in self.processes.items():
                if name in self.down or process.child is None or process.is_running():
                    continue
                self.ended.append((round(time.time(), 2), name, process.child.returncode, process.tail(1500)))
                process.start()

    def kill(self, name):
        with self.held:
            self.down.add(name)
            if self.processes[name].is_running():
                self.processes[name].kill()

    def revive(self, name):
        with self.held:
            if name in self.down:
                self.down.discard(name)
                self.processes[name].start()

    def recover(self):
        """No fault any more: everything runs again."""
        self.network.heal()
        for name in list(self.down):
            self.revive(name)
        self.keep()
        for name in ("server1", "server2"):
            wait_until(lambda: self.keep() or self.is_ready(name), f"{name} is ready", 90)  # noqa: B023
        wait_until(lambda: self.keep() or self.simulator_answers(), "the broker answers", 60)
        self.control("faults", method="DELETE")

    def is_ready(self, name):
        try:
            return self.api(url=f"http://127.0.0.1:{self.ports[name]}").get("/readyz", timeout=5)
        except (OSError, AssertionError):
            return False

    def simulator_answers(self):
        try:
            return self.control("faults", method="GET") is not None
        except (OSError, AssertionError):
            return False

    def close(self):
        super().close()
        self.network.close()
        self.cluster.close()

    def collect(self, directory):
        """What a later look at a run needs."""
        directory.mkdir(parents=True, exist_ok=True)
        for log in [*self.directory.glob("*.log"), self.directory / "broker-state.jsonl"]:
            if log.exists():
                (directory / log.name).write_bytes(log.read_bytes())
        with (directory / "database.sql").open("wb") as file:
            url = f"{self.cluster.url.replace('/postgres?', f'/{self.database.name}?')}"
            subprocess.run(["pg_dump", url], stdout=file, check=False)
