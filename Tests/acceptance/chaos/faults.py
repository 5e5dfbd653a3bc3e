"""Carries out the plan: each event at its time, and its end when it is due."""

import signal
import threading
import time

import psycopg
import requests

from chaos.cluster import send
from chaos.stage import policy

HURRY = """
    UPDATE proposal_states
    SET expires_at = clock_timestamp() + %s * interval '1 second'
    WHERE proposal_id IN (
        SELECT proposal_id FROM proposal_states
        WHERE state = 'pending' AND expires_at > clock_timestamp() + interval '5 seconds' AND random() < %s
        FOR UPDATE SKIP LOCKED)
"""


def hurry(database, seconds, share=0.5):
    """Brings deadlines near, which no program may: the guards are off for this one statement."""
    with psycopg.connect(named(database), connect_timeout=10) as session:
        session.execute("SET LOCAL lock_timeout = '2s'")
        session.execute("SET LOCAL session_replication_role = replica")
        session.execute(HURRY, [seconds, share])


def named(database):
    """The database as the owner of the whole server."""
    return database.server.url.replace("/postgres?", f"/{database.name}?")


class Breaker:
    """Does what the plan says, each event in a thread, so that none waits for another's end."""

    def __init__(self, stage, bots, operator, say):
        self.stage, self.bots, self.operator, self.say = stage, bots, operator, say
        self.stopping, self.database = threading.Event(), threading.Lock()
        self.threads, self.carried_out, self.troubles = [], [], []

    def run(self, plan, seconds):
        """Until the time is over; processes that ended by themselves are started again meanwhile."""
        # A machine that stood still meanwhile takes no fault out of the plan.
        now, before, left = 0.0, time.monotonic(), list(plan)
        while now < seconds:
            now, before = now + min(0.5, time.monotonic() - before), time.monotonic()
            while left and left[0].at <= now:
                self.begin(left.pop(0))
            self.stage.keep()
            self.stopping.wait(0.05)

    def begin(self, event):
        self.say(str(event))
        self.carried_out.append((time.time(), event))
        thread = threading.Thread(target=self.attempt, args=(event,), daemon=True)
        self.threads.append(thread)
        thread.start()

    def attempt(self, event):
        try:
            getattr(self, event.kind.replace("-", "_"))(event)
        except (psycopg.Error, requests.RequestException, AssertionError, OSError) as error:
            self.troubles.append(f"{event.kind}: {type(error).__name__}: {str(error)[:200]}")

    def end_all(self):
        """Ends every fault at once."""
        self.stopping.set()
        for thread in self.threads:
            thread.join(90)
        self.stage.network.heal()
        for process in self.stage.processes.values():
            if process.child is not None:
                process.signal(signal.SIGCONT)
        self.stage.slack.script.clear()
        self.stage.discord.script.clear()
        if not self.stage.cluster.answers():
            self.stage.cluster.resume()

    def wait(self, event):
        self.stopping.wait(event.seconds)

    # The kinds of events

    def kill(self, event):
        self.stage.kill(event.target)
        self.wait(event)
        self.stage.revive(event.target)

    def kill_database(self, event):
        if event.target == "backend":
            return self.stage.cluster.kill_backend()
        with self.database:
            self.stage.cluster.kill()
            self.wait(event)
            self.stage.cluster.resume()

    def pause(self, event):
        process = self.stage.processes[event.target]
        if process.is_running():
            process.signal(signal.SIGSTOP)
            self.wait(event)
            process.signal(signal.SIGCONT)

    def pause_workers(self, event):
        """Nobody claims: what was released lapses when this lasts longer than a minute."""
        pair = [self.stage.processes[name] for name in event.target.split()]
        for process in pair:
            process.signal(signal.SIGSTOP)
        self.wait(event)
        for process in pair:
            process.signal(signal.SIGCONT)

    def arrive_late(self, event):
        """The next order reaches the broker long after the worker has given up on it."""
        for seconds in (event.more["seconds"] // 2, event.more["seconds"] - event.more["seconds"] // 2):
            self.stage.control("faults", {"kind": "delay", "milliseconds": seconds * 1000, "method": "POST"})

    def pause_database(self, event):
        with self.database:
            pids = self.stage.cluster.pids()
            send(pids, signal.SIGSTOP)
            self.wait(event)
            send(pids, signal.SIGCONT)

    def cut(self, event):
        self.stage.line(event.target).cut()

    def refuse(self, event):
        self.spoil(event, refuses=True)

    def stall(self, event):
        self.spoil(event, stalls=True)

    def swallow(self, event):
        self.spoil(event, swallows=True)

    def slow(self, event):
        self.spoil(event, delay=event.more["delay"])

    def spoil(self, event, **what):
        line = self.stage.line(event.target)
        line.set(**what)
        self.wait(event)
        line.heal()

    def broker_fault(self, event):
        self.stage.control("faults", event.more)

    def broker_refusals(self, event):
        self.stage.control("rejections", event.more)

    def overfill(self, event):
        """Of the next order to fill more is executed than was ordered; an operator looks into it after some seconds."""
        while not self.stopping.is_set():
            try:
                self.stage.control("overfills", {"qty": str(event.more["qty"])})
                break
            except (OSError, AssertionError):
                self.stopping.wait(0.5)
        self.operator.look_into_overfills(event.seconds, self.stopping)

    def receivers_fail(self, event):
        answers = [(500, {}, b"no"), (429, {"Retry-After": "1"}, b"slower")]
        double = getattr(self.stage, event.target)
        double.script.extend(answers[number % 2] for number in range(event.more["answers"]))

    def burst(self, event):
        for bot in self.bots:
            bot.extra += event.more["proposals"] // len(self.bots)

    def stop_trading(self, event):
        self.operator.stop_trading(event.seconds, self.stopping)

    def stop_symbol(self, event):
        reducing = event.more["allows_reducing"]
        self.operator.stop_symbol(event.target, reducing, event.seconds, self.stopping)

    def approvals(self, event):
        file = self.stage.file("policy.json", policy(event.more["approvals"]))
        self.stage.command("policy", "apply", file, code=None)

    def hurry(self, event):
        hurry(self.stage.database, event.more["seconds"])
