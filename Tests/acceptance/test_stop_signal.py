"""A process that is told to stop while it starts stops: at no moment is the word lost."""

import os
import random
import signal
import time

import pytest

ROUNDS = int(os.environ.get("COUNTERSIGN_TEST_STOPS", "6"))
ANNOUNCED = {"server": b"countersign serves", "worker": b"countersign works", "broker": b"countersign simulates"}


@pytest.fixture(scope="module")
def idle(desks):
    """Everything is set up and has run once; nothing runs."""
    desk = desks().set_up(channels=False).start()
    for process in desk.processes.values():
        process.stop()
    return desk


@pytest.mark.parametrize("name", ["server", "worker", "broker"])
def test_a_signal_at_any_moment_of_the_start_stops_the_process(idle, name):
    process = idle.processes[name]
    chance = random.Random(f"{name} {ROUNDS}")
    for turn in range(ROUNDS):
        before = process.log.stat().st_size
        process.start()
        after = chance.uniform(0, 0.5)
        time.sleep(after)
        code = process.stop(seconds=60)
        said = process.log.read_bytes()[before:]
        if code == -signal.SIGTERM:
            # So early that there was nothing to stop yet.
            assert ANNOUNCED[name] not in said, f"turn {turn}, after {after:.3f} s: {said.decode()}"
        else:
            assert code == 0, f"turn {turn}, after {after:.3f} s: exit {code}\n{said.decode()}"
