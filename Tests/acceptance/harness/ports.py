"""Ports for servers that start later than they are chosen."""

import os
import random
import socket
from pathlib import Path

# What the kernel gives away by itself begins here: a port from there may be taken before its server starts.
EPHEMERAL = int(Path("/proc/sys/net/ipv4/ip_local_port_range").read_text().split()[0])
FIRST, BLOCK = 10_000, 2_500
GIVEN = set()


def block():
    """Processes that test side by side have ports of their own, whatever else runs shares all of them."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "").removeprefix("gw")
    everything = range(FIRST, EPHEMERAL)
    if not worker.isdigit():
        return everything
    own = range(FIRST + int(worker) * BLOCK, FIRST + (int(worker) + 1) * BLOCK)
    return own if own.stop <= EPHEMERAL else everything


def free_port():
    """A port that nothing listens on; never the same twice."""
    for port in random.sample(block(), len(block())):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port not in GIVEN:
            GIVEN.add(port)
            return port
    raise AssertionError("no port is free")
