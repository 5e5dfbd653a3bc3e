"""Runs one seed: work and faults for some time, then peace, then the verdict."""

import argparse
import json
import os
import random
import re
import sys
import time
from datetime import datetime
from pathlib import Path

from harness.program import ROOT
from harness.waiting import wait_until

from chaos import judge_answers, judge_books, judge_journal, judge_messages, judge_orders, judge_overfills
from chaos.actors import Answers, Bot, Decider, Operator
from chaos.evidence import Evidence, unrest
from chaos.faults import Breaker, hurry
from chaos.plan import SYMBOLS, draw
from chaos.stage import Stage

JUDGES = (judge_orders, judge_books, judge_overfills, judge_journal, judge_messages, judge_answers)
# An order may take a minute at the broker, and a minute more to prove that it never reached it.
SETTLE_SECONDS = 240
CHANNELS = ("slack", "discord", "email")


class Run:
    """One seed, from the first process to the verdict."""

    def __init__(self, seed, seconds, out=None, say=print, every=1.2):
        self.seed, self.seconds, self.say, self.every = seed, seconds, say, every
        self.out = Path(out or ROOT / "Tests" / "acceptance" / "output" / f"chaos-{seed}")
        self.plan = draw(seed, seconds, every)
        self.answers, self.timeline, self.violations, self.summary = Answers(), [], [], {}

    def tell(self, text):
        self.timeline.append(text)
        self.say(text)

    def run(self, look=None):
        """Whether every promise was kept; `look` sees the run before everything is cleared away."""
        self.tell(f"seed {self.seed}: {len(self.plan)} events in {self.seconds:.0f} s")
        # Slack takes one message a second: a short run would wait for it longer than it lasts.
        has_time = self.seconds > 30
        stage = Stage(self.seed, CHANNELS if has_time else CHANNELS[1:], has_time)
        try:
            self.play(stage.prepare().open())
        except Exception as error:
            self.violations.append(f"the run broke off: {type(error).__name__}: {error}")
        finally:
            if self.violations:
                self.keep(stage)
            elif look:
                look(self)
            stage.close()
        self.say(json.dumps(self.summary))
        for violation in self.violations[:40]:
            self.say(f"VIOLATION {violation}")
        return not self.violations

    def play(self, stage):
        prices = {symbol: stage.ask(symbol) for symbol in SYMBOLS}
        stage.keys["second-bot"] = stage.create_key("propose", "second-bot")
        bots = [
            Bot(name, stage, self.answers, stage.keys[name], prices) for name in ("propose", "second-bot")
        ]
        deciders = [Decider(name, stage, self.answers, stage.tokens[name]) for name in ("alice", "bob")]
        operator = Operator(stage, self.answers)
        breaker = Breaker(stage, bots, operator, self.tell)
        for actor in bots + deciders:
            actor.start()
        breaker.run(self.plan, self.seconds)
        self.tell("the faults end")
        breaker.end_all()
        stage.recover()
        for actor in bots + deciders:
            actor.stopping.set()
        for actor in bots + deciders:
            actor.join(60)
        operator.clear_all()
        hurry(stage.database, 1, share=2)
        self.settle(stage)
        self.judge(stage, breaker)

    def settle(self, stage):
        began, quiet, limit = time.monotonic(), 0, None
        while quiet < 3:
            stage.keep()
            left = unrest(stage.database)
            limit = limit or SETTLE_SECONDS + 2 * left.get("deliveries", 0)
            quiet = 0 if left or self.awaits_late_orders(stage) else quiet + 1
            if time.monotonic() - began > limit:
                self.violations.append(f"after {limit} s there is still something under way: {left}")
                break
            time.sleep(0.5)
        self.summary["settled_after_seconds"] = round(time.monotonic() - began)
        # The account is reported every few seconds.
        try:
            wait_until(lambda: not list(judge_books.positions(Evidence(stage, self.answers))), "books", 30, 2)
        except AssertionError:
            pass

    @staticmethod
    def awaits_late_orders(stage):
        """Whether an order may still be on its way to the broker, or be there without the worker having asked."""
        for item in stage.received()["items"]:
            delay = sum(map(int, re.findall(r"delay (\d+) ms", item["fault"] or ""))) / 1000
            age = time.time() - datetime.fromisoformat(item["at"]).timestamp()
            if delay >= 15 and age < delay + 70:
                return True
        return False

    def judge(self, stage, breaker):
        evidence = Evidence(stage, self.answers)
        evidence.breaker = breaker
        self.evidence = evidence
        for judge in JUDGES:
            self.violations += judge.judge(evidence)
        try:
            stage.scan_logs()
        except AssertionError as error:
            self.violations.append(f"I10: {error}")
        for _, name, code, tail in stage.ended:
            if code is None or code < 0 or "Fatal error" in tail:
                self.violations.append(f"{name} crashed by itself ({code}): {tail}")
        self.summarise(stage, breaker, evidence)

    def summarise(self, stage, breaker, evidence):
        def counts(values):
            values = list(values)
            return {value: values.count(value) for value in sorted(set(values))}

        self.summary |= {
            "seed": self.seed,
            "seconds": self.seconds,
            "faults": len(breaker.carried_out),
            "kinds": counts(event.kind for _, event in breaker.carried_out),
            "proposals": counts(row["state"] for row in evidence.proposals),
            "orders": counts(row["state"] for row in evidence.orders),
            "broker_posts": len(evidence.received),
            "broker_orders": len(evidence.book),
            "fills": len(evidence.fills),
            "overfills": len(list(judge_overfills.overfills(evidence))),
            "journal": len(evidence.journal),
            "deliveries": counts(row["state"] for row in evidence.deliveries),
            "turned_up": sum(row["turned_up_at"] is not None for row in evidence.orders),
            "ended_by_themselves": counts(name for _, name, _, _ in stage.ended),
            "answers": dict(sorted(self.answers.statuses.items())),
            "troubles_of_the_harness": breaker.troubles[:5],
            "violations": len(self.violations),
        }

    def keep(self, stage):
        self.say(f"evidence is kept in {self.out}")
        stage.collect(self.out)
        (self.out / "timeline.txt").write_text("\n".join(self.timeline) + "\n")
        (self.out / "violations.txt").write_text("\n".join(map(str, self.violations)) + "\n")
        (self.out / "summary.json").write_text(json.dumps(self.summary, indent=1, default=str) + "\n")


def main():
    """The command line of ops/chaos."""
    parser = argparse.ArgumentParser(prog="ops/chaos", description=__doc__)
    parser.add_argument("--seed", type=int, help="the plan of an earlier run (else one is drawn)")
    parser.add_argument("--minutes", type=float, default=1.0, help="how long things go wrong in a run (1)")
    parser.add_argument("--runs", type=int, default=1, help="how many seeds, counted up from the first (1)")
    parser.add_argument("--every", type=float, default=1.2, help="seconds from one fault to the next (1.2)")
    parser.add_argument("--out", help="where evidence is kept after a violation")
    parser.add_argument("--plan", action="store_true", help="only prints the plan")
    chosen = parser.parse_args()
    first = chosen.seed if chosen.seed is not None else random.SystemRandom().randrange(10**6)
    if chosen.plan:
        print("\n".join(map(str, draw(first, chosen.minutes * 60, chosen.every))))
        return 0
    os.environ["PYTHONUNBUFFERED"] = "1"
    kept = True
    for seed in range(first, first + chosen.runs):
        say = lambda text: print(text, flush=True)  # noqa: E731
        kept &= Run(seed, chosen.minutes * 60, chosen.out, say, chosen.every).run()
    return 0 if kept else 1


if __name__ == "__main__":
    sys.exit(main())
