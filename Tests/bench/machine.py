"""The private database, the server, and the tools that load them."""

import json
import os
import secrets
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
# The harness of the acceptance tests plays the surroundings here too; what it has is not written a second time.
sys.path.append(str(ROOT / "Tests/acceptance"))

from harness.ports import free_port  # noqa: E402

PROGRAM = os.environ.get("COUNTERSIGN_BENCH_PROGRAM", str(ROOT / ".build/release/countersign"))
LOAD = os.environ.get("COUNTERSIGN_BENCH_LOAD", str(ROOT / ".build/release/Load"))

MEBIBYTES = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 1_048_576
# As the product's own private cluster, but with room for pgbench's clients.
SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{0}'
max_connections = 200
fsync = on
synchronous_commit = on
full_page_writes = on
jit = off
log_min_messages = log
log_checkpoints = off
track_commit_timestamp = on
max_wal_size = '4GB'
min_wal_size = '2GB'
shared_buffers = '{1}MB'
"""


def output(*command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode != 0:
        raise SystemExit(f"{command[0]} {command[1:3]}: exit {done.returncode}\n{done.stdout}{done.stderr}")
    return done.stdout


def as_owner(*command):
    if os.geteuid() != 0:
        return command
    return ("setpriv", "--reuid=postgres", "--regid=postgres", "--init-groups", "--", *command)


class Database:
    """A PostgreSQL of its own, with durable commits."""

    def __init__(self):
        self.directory = Path(tempfile.mkdtemp(prefix="countersign-bench-"))
        self.directory.chmod(0o755)
        self.programs = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))[-1]
        self.data = self.directory / "data"
        if os.geteuid() == 0:
            shutil.chown(self.directory, "postgres", "postgres")
        options = ("--username=postgres", "--auth-local=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        self._run("initdb", f"--pgdata={self.data}", *options, "--no-sync")
        with open(self.data / "postgresql.conf", "a") as settings:
            settings.write(SETTINGS.format(self.directory, min(1024, MEBIBYTES // 4)))
        self._run("pg_ctl", "start", f"--pgdata={self.data}", f"--log={self.directory}/log", "--wait")
        self._age()

    def _age(self):
        """As in a database that has been in use, the next segments of the log are there; a young one stops all writers to make each."""
        self.sql("SELECT pg_logical_emit_message(false, 'bench', 'x'), pg_switch_wal() FROM generate_series(1, 64)", "postgres")
        self.sql("CHECKPOINT", "postgres")

    def _run(self, name, *arguments):
        subprocess.run(
            as_owner(str(self.programs / name), *arguments), check=True, cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )

    def url(self, name):
        return f"postgresql://postgres@/{name}?host={self.directory}"

    def create(self, name, template="template1"):
        self.sql(f'CREATE DATABASE "{name}" TEMPLATE "{template}"', "postgres")

    def sql(self, text, name="bench"):
        return output("psql", "-qXAt", "-v", "ON_ERROR_STOP=1", "-d", self.url(name), "-c", text).strip()

    def figure(self, text, name="bench"):
        return float(self.sql(text, name) or "nan")

    def pgbench(self, name, script, clients, seconds, *options):
        """Transactions a second and their p50 and p99 in milliseconds."""
        logs = tempfile.mkdtemp(prefix="pgbench-", dir=self.directory)
        path = Path(logs) / "script.sql"
        path.write_text(script)
        text = output(
            "pgbench", "-n", "-M", "prepared", "-c", str(clients), "-j", str(min(2, clients)), "-T", str(seconds),
            "-f", str(path), "-l", f"--log-prefix={logs}/log", *options, self.url(name),
        )  # fmt: skip
        rate = next(float(line.split()[2]) for line in text.splitlines() if line.startswith("tps"))
        times = sorted(int(line.split()[2]) for log in Path(logs).glob("log.*") for line in open(log))
        return {"per_second": rate, "p50_ms": part(times, 0.5), "p99_ms": part(times, 0.99)}

    def close(self):
        try:
            self._run("pg_ctl", "stop", f"--pgdata={self.data}", "--mode=immediate", "--wait")
        finally:
            shutil.rmtree(self.directory, ignore_errors=True)


def part(times, share):
    return times[min(len(times) - 1, int(len(times) * share))] / 1000 if times else float("nan")


class Server:
    """`countersign serve` on a database of the cluster, with a worker's webhook that the load generator takes."""

    def __init__(self, database, name="bench"):
        self.database, self.name = database, name
        self.port, self.door = free_port(), free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.process = None
        self.environment = {
            "PATH": os.environ["PATH"], "HOME": str(database.directory), "LANG": "C.UTF-8",
            "COUNTERSIGN_DATABASE_URL": database.url(name), "COUNTERSIGN_SECRET_KEY": secrets.token_hex(32),
            "COUNTERSIGN_LISTEN": f"127.0.0.1:{self.port}", "COUNTERSIGN_PUBLIC_URL": self.url,
            "COUNTERSIGN_WORKER_URL": f"http://127.0.0.1:{self.door}/",
            "COUNTERSIGN_WORKER_SECRET": "whsec_MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
        }  # fmt: skip

    def command(self, *arguments, stdin=""):
        return output(PROGRAM, *arguments, input=stdin, env=self.environment, cwd=self.database.directory).strip()

    def start(self):
        """Starts the server and tells after how many milliseconds it was ready."""
        log = open(self.database.directory / "server.log", "ab")
        begun = time.monotonic()
        self.process = subprocess.Popen(
            [PROGRAM, "serve"], env=self.environment, cwd=self.database.directory, stdout=log, stderr=log
        )
        while time.monotonic() < begun + 60:
            try:
                with urllib.request.urlopen(self.url + "/readyz", timeout=5):
                    return (time.monotonic() - begun) * 1000
            except OSError:
                if self.process.poll() is not None:
                    raise SystemExit((self.database.directory / "server.log").read_text()[-2000:])
                time.sleep(0.002)
        raise SystemExit("the server did not become ready")

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
            self.process = None

    def resident_mebibytes(self):
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmRSS")).split()[1]) / 1024

    def call(self, method, path, key, body=None):
        request = urllib.request.Request(
            self.url + "/api/v1" + path, method=method, data=json.dumps(body).encode() if body is not None else None,
            headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
        )  # fmt: skip
        with urllib.request.urlopen(request, timeout=60) as answer:
            return json.load(answer)


def http_request(method, path, key, body, **headers):
    data = json.dumps(body, separators=(",", ":")).encode()
    lines = [
        f"{method} {path} HTTP/1.1", "Host: 127.0.0.1", f"Authorization: Bearer {key}",
        "Content-Type: application/json", f"Content-Length: {len(data)}",
        *(f"{name.replace('_', '-')}: {value}" for name, value in headers.items()),
    ]  # fmt: skip
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + data


def load(directory, port, requests, **options):
    """Sends requests with the load generator; its figures."""
    path = Path(directory) / f"requests-{time.monotonic_ns()}"
    with open(path, "wb") as file:
        for request in requests:
            file.write(struct.pack("<I", len(request)) + request)
    arguments = [item for name, value in options.items() for item in (f"--{name}", str(value))]
    try:
        return json.loads(output(LOAD, "--port", str(port), "--requests", str(path), *arguments))
    finally:
        path.unlink()


class Alongside(threading.Thread):
    """A call that runs beside what follows; `result()` waits for it."""

    def __init__(self, call):
        super().__init__(daemon=True)
        self._call, self._result, self._error = call, None, None
        self.start()

    def run(self):
        try:
            self._result = self._call()
        except BaseException as error:
            self._error = error

    def result(self):
        self.join()
        if self._error:
            raise self._error
        return self._result
