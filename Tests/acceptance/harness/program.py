"""The product's executable: commands that end, and processes that stay."""

import json
import os
import shutil
import signal
import socket
import subprocess
from pathlib import Path

from harness.waiting import wait_until

ROOT = Path(__file__).resolve().parents[3]


def binary():
    named = os.environ.get("COUNTERSIGN_BINARY") or os.environ.get("COUNTERSIGN_TEST_PROGRAM")
    path = Path(named) if named else ROOT / ".build" / "debug" / "countersign"
    assert path.is_file(), (
        f"there is no program at {path}: build it (`swift build`), or set COUNTERSIGN_BINARY"
    )
    return str(path)


def tool(*names):
    """The path of a tool the tests need; a missing one fails in words, it is never skipped."""
    found = next((shutil.which(name) for name in names if shutil.which(name)), None)
    assert found, f"{' or '.join(names)} is not installed: run ops/setup test"
    return found


KEPT = ("PATH", "LANG", "LD_LIBRARY_PATH", "TZ", "ASAN_OPTIONS", "SWIFT_BACKTRACE")


def clean_environment(**more):
    """What every process gets: nothing of the caller's configuration."""
    kept = {name: os.environ[name] for name in KEPT if name in os.environ}
    return {**kept, **{name: str(value) for name, value in more.items() if value is not None}}


def is_listening(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def sanitizer_reports():
    """What AddressSanitizer has found so far in any process of the run; ops/test says where it writes."""
    place = os.environ.get("COUNTERSIGN_SANITIZER_REPORTS")
    return {file.name: file.read_text(errors="replace") for file in Path(place).iterdir()} if place else {}


class Result:
    """What a finished command left behind."""

    def __init__(self, arguments, code, out, err):
        self.arguments, self.code, self.out, self.err = arguments, code, out, err

    def __repr__(self):
        return f"countersign {' '.join(self.arguments)}: exit {self.code}\n--- out\n{self.out}\n--- err\n{self.err}"

    @property
    def json(self):
        return json.loads(self.out)


def run(arguments, environment, directory, stdin="", seconds=120):
    arguments = [str(argument) for argument in arguments]
    done = subprocess.run(
        [binary(), *arguments],
        env=environment,
        cwd=directory,
        input=stdin.encode(),
        capture_output=True,
        timeout=seconds,
        start_new_session=True,
    )
    return Result(arguments, done.returncode, done.stdout.decode(), done.stderr.decode())


class Process:
    """A process that stays, in a process group of its own, with its output in a file."""

    def __init__(self, name, arguments, environment, directory, log):
        self.name, self.arguments, self.environment = name, [str(each) for each in arguments], environment
        self.directory, self.log = directory, Path(log)
        self.child = None

    def start(self):
        with self.log.open("ab") as output:
            self.child = subprocess.Popen(
                [binary(), *self.arguments],
                env=self.environment,
                cwd=self.directory,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        return self

    def is_running(self):
        return self.child is not None and self.child.poll() is None

    def expect_running(self):
        assert self.is_running(), f"{self.name} ended with {self.child.returncode}:\n{self.tail()}"
        return True

    def signal(self, number):
        try:
            os.killpg(self.child.pid, number)
        except ProcessLookupError:
            pass

    def kill(self):
        """As a crash: no farewell."""
        self.signal(signal.SIGKILL)
        self.child.wait(60)

    def stop(self, seconds=60):
        """As an operator would; a process that does not go is killed. Its exit code."""
        if self.child is None:
            return None
        self.signal(signal.SIGTERM)
        try:
            self.child.wait(seconds)
        except subprocess.TimeoutExpired:
            self.kill()
        return self.child.returncode

    def tail(self, bytes_count=4000):
        text = self.log.read_bytes() if self.log.exists() else b""
        return text[-bytes_count:].decode(errors="replace")

    def wait_for_port(self, port, seconds=60):
        wait_until(
            lambda: self.expect_running() and is_listening(port), f"{self.name} listens on {port}", seconds
        )
