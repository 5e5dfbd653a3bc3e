"""What goes wrong, when and for how long: drawn from the seed alone, so that a run can be had again."""

import random
from dataclasses import dataclass, field

PROCESSES = ("server1", "server2", "worker1", "worker2", "broker")
LINES = (
    "server1-database",
    "server2-database",
    "worker1-server",
    "worker2-server",
    "worker1-broker",
    "worker2-broker",
    "server1-worker",
    "server2-worker",
)
SYMBOLS = tuple("AAPL MSFT NVDA AMD SPY QQQ XOM F TSLA GOOG AMZN PLTR JPM IWM".split())

# How often each kind is drawn.
WEIGHTS = {
    "kill": 14,
    "kill-database": 4,
    "pause": 9,
    "pause-database": 2,
    "cut": 10,
    "refuse": 6,
    "stall": 7,
    "slow": 6,
    "swallow": 9,
    "broker-fault": 18,
    "broker-refusals": 3,
    "receivers-fail": 4,
    "burst": 3,
    "stop-trading": 5,
    "stop-symbol": 4,
    "approvals": 3,
    "hurry": 8,
}

# These outlast an approval's validity, or the proof that an order never arrived: only in longer runs.
LASTING = {"pause-workers": 1, "arrive-late": 4}

BROKER_FAULTS = (
    {"kind": "answer", "status": 504, "performs": True},
    {"kind": "answer", "status": 504, "performs": False},
    {"kind": "answer", "status": 500, "performs": True},
    {"kind": "answer", "status": 429, "performs": False},
    {"kind": "answer", "status": 503, "performs": False},
    {"kind": "drop", "performs": True},
    {"kind": "drop", "performs": False},
    {"kind": "truncate"},
    {"kind": "delay", "milliseconds": 3000},
    {"kind": "delay", "milliseconds": 12000},
    {"kind": "answer", "status": 503, "performs": False, "method": "GET", "path": "/v2/orders*"},
    {"kind": "answer", "status": 429, "performs": False, "method": "GET", "path": "/v2/*"},
    {"kind": "drop", "performs": False, "method": "GET", "path": "/v2/account*"},
    {"kind": "answer", "status": 500, "performs": False, "method": "DELETE", "path": "/v2/orders*"},
)


@dataclass
class Event:
    """One thing that goes wrong, at a time in seconds, for some seconds."""

    at: float
    kind: str
    target: str = ""
    seconds: float = 0.0
    more: dict = field(default_factory=dict)

    def __str__(self):
        parts = [f"{self.at:7.2f} s", f"{self.kind:15}", self.target]
        parts += [f"for {self.seconds:.1f} s"] if self.seconds else []
        parts += [" ".join(f"{name}={value}" for name, value in self.more.items())] if self.more else []
        return "  ".join(parts)


def draw(seed, seconds, every=1.2):
    """The plan of a run: about one event in `every` seconds."""
    dice, events, at = random.Random(f"plan {seed}"), [], 2.0
    weights = WEIGHTS | (LASTING if seconds > 30 else {})
    while at < seconds:
        events.append(event(dice, round(at, 2), weights))
        at += dice.expovariate(1 / every)
    return sorted(events + overfills(seed, seconds), key=lambda each: each.at)


def overfills(seed, seconds):
    """When the broker executes too much: soon, so that every run has it, and again about every 40 seconds.

    Drawn apart, so that the rest of a seed's plan does not depend on it.
    """
    dice, events = random.Random(f"overfills {seed}"), []
    at = dice.uniform(2, min(8, seconds / 4))
    while at < seconds:
        events.append(Event(round(at, 2), "overfill", "broker", 4.0, {"qty": dice.choice([1, 2, 25])}))
        at += dice.uniform(20, 60)
    return events


def event(dice, at, weights):
    kind = dice.choices(list(weights), weights.values())[0]
    if kind == "kill":
        return Event(at, kind, dice.choice(PROCESSES), round(dice.choice([0.0, 0.3, 1, 3, 8]), 1))
    if kind == "kill-database":
        return Event(at, kind, dice.choice(["postmaster", "backend"]), dice.choice([0.0, 0.5, 2.0]))
    if kind == "pause":
        # A lease runs for 15 seconds, a claim stays fresh for 10.
        return Event(at, kind, dice.choice(PROCESSES), dice.choice([0.5, 3.0, 12.0, 18.0]))
    if kind == "pause-database":
        return Event(at, kind, "postmaster", dice.choice([1.0, 4.0]))
    if kind in ("cut", "swallow"):
        return Event(at, kind, dice.choice(LINES), 0.0 if kind == "cut" else dice.choice([0.3, 1.5]))
    if kind == "slow":
        return Event(at, kind, dice.choice(LINES), 3.0, {"delay": dice.choice([0.05, 0.3, 1.0])})
    if kind in ("refuse", "stall"):
        return Event(at, kind, dice.choice(LINES), dice.choice([1.0, 4.0, 11.0]))
    return social(dice, at, kind)


def social(dice, at, kind):
    if kind == "broker-fault":
        fault = {**dice.choice(BROKER_FAULTS), "times": dice.choice([1, 1, 2, 4])}
        return Event(at, kind, "broker", more={"method": "POST", **fault})
    if kind == "broker-refusals":
        return Event(at, kind, "broker", more={"orders": dice.choice([1, 3])})
    if kind == "receivers-fail":
        return Event(at, kind, dice.choice(["slack", "discord"]), more={"answers": dice.choice([3, 8])})
    if kind == "pause-workers":
        return Event(at, kind, "worker1 worker2", dice.choice([20.0, 70.0]))
    if kind == "arrive-late":
        return Event(at, kind, "broker", more={"seconds": dice.choice([40, 62, 100])})
    if kind == "burst":
        return Event(at, kind, "bots", more={"proposals": dice.choice([20, 60])})
    if kind == "stop-trading":
        return Event(at, kind, "account", dice.choice([0.5, 2.0, 5.0]))
    if kind == "stop-symbol":
        reducing = dice.choice([True, False])
        return Event(at, kind, dice.choice(SYMBOLS), 4.0, {"allows_reducing": reducing})
    if kind == "approvals":
        return Event(at, kind, "policy", more={"approvals": dice.choice([1, 2])})
    return Event(at, "hurry", "deadlines", more={"seconds": dice.choice([0.3, 1.0, 2.0])})
