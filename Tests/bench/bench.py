"""Measures the product beside its machine and prints a table; started by ops/bench."""

import argparse
import json
import os
import platform
import statistics
import subprocess
import time

from baseline import Baseline, bare_answers
from desk import SYMBOLS, Desk
from machine import PROGRAM, Alongside, Database, load, output
from processors import together
from report import Report

PARTS = ["start", "admission", "decisions", "expiry", "memory", "flat"]


def say(text):
    print(f"bench: {text}", flush=True)


def median(runs, key):
    values = [run[key] for run in runs if key in run]
    return statistics.median(values) if values else float("nan")


class Bench:
    def __init__(self, options):
        self.quick, self.report = options.quick, Report()
        self.runs = 1 if options.quick else 3
        self.seconds = 3 if options.quick else 6
        self.database = Database()
        self.directory = self.database.directory
        self.database.sql("CREATE DATABASE bench", "postgres")
        self.desk = self.baseline = None

    def close(self):
        if self.desk:
            self.desk.server.stop()
        self.database.close()

    def settle(self, name="bench"):
        """Waits until the journal is sealed and the outbox is empty, so that no run pays for another."""
        for _ in range(600):
            left = self.database.figure(
                "SELECT (SELECT count(*) FROM journal_unsealed) + (SELECT count(*) FROM deliveries WHERE state = 'queued')",
                name,
            )
            if left == 0:
                break
            time.sleep(0.1)
        self.database.sql("CHECKPOINT", name)

    def propose(self, count, connections, seconds=3600, desk=None):
        desk = desk or self.desk
        figures = load(self.directory, desk.server.port, desk.proposals(count), connections=connections, seconds=seconds)
        states = self.database.sql(
            "SELECT state, count(*) FROM proposals GROUP BY state ORDER BY state", desk.name).split()  # fmt: skip
        if any(line.startswith("blocked") for line in states) or set(figures["statuses"]) - {"201", "200"}:
            reason = self.database.sql("SELECT reason FROM proposals WHERE state = 'blocked' LIMIT 1", desk.name)
            raise SystemExit(f"proposals were not admitted: {figures['statuses']} {states} {reason}")
        return figures

    # The parts

    def start(self):
        self.report.add("all processors at once, against one alone", together(), "x", "", None)
        self.desk = Desk(self.database)
        starts = []
        for _ in range(5):
            self.desk.server.stop()
            starts.append(self.desk.server.start())
        time.sleep(2)
        self.report.add("start to ready", statistics.median(starts), "ms", "< 500", starts and statistics.median(starts) < 500)
        rest = self.desk.server.resident_mebibytes()
        self.report.add("resident at rest", rest, "MiB", "< 50", rest < 50)
        self.desk.report()
        self.propose(1, 1)
        self.desk.server.stop()
        self.baseline = Baseline(self.database, "bench")
        self.desk.server.start()
        self.propose(300, 16)

    def admission(self):
        many, pgbench, copied = [], [], []
        for _ in range(self.runs):
            self.settle()
            many.append(self.propose(12_000 * self.seconds, 64, self.seconds))
            self.settle()
            pgbench.append(self.baseline.proposals(64, self.seconds))
            copied.append(self.baseline.copied_proposals(64, self.seconds))
        ours, theirs = median(many, "per_second"), median(pgbench, "per_second")
        self.report.add("proposals/s, 64 connections", ours, "/s", "", None)
        self.report.add("pgbench, one proposal a transaction, 64 clients", theirs, "/s", "", None)
        self.report.add("the same copied inside the database, nothing sent", median(copied, "per_second"), "/s", "", None)
        self.report.add("admission against pgbench", ours / theirs, "x", ">= 1.5", ours / theirs >= 1.5)
        self.latency("admission, 64 connections", many, "p99 < 20", 20)
        self.report.add("pgbench p99, 64 clients", median(pgbench, "p99_ms"), "ms", "", None)
        for connections in (1, 16):
            self.settle()
            runs = [self.propose(6000 * self.seconds, connections, self.seconds / 2)]
            self.report.add(f"proposals/s, {connections} connections", median(runs, "per_second"), "/s", "", None)
            self.latency(f"admission, {connections} connections", runs)
        self.settle()
        bare = bare_answers(self.desk, int(median(many, "answer_bytes")), 2)
        self.report.add("bare libmicrohttpd, same bytes, 64 connections", bare["per_second"], "/s", "", None)
        self.report.add("bytes of an answer", median(many, "answer_bytes"), "B", "", None)

    def latency(self, what, runs, target="", limit=None, prefix=""):
        p50, p99 = median(runs, prefix + "p50_ms"), median(runs, prefix + "p99_ms")
        self.report.add(f"{what}, p50", p50, "ms", "", None)
        self.report.add(f"{what}, p99", p99, "ms", target, None if limit is None else p99 < limit)

    def decisions(self):
        ours, theirs = [], []
        count = 1500 if self.quick else 4000
        for _ in range(self.runs):
            self.ensure_pending(count)
            self.settle()
            server = self.desk.server
            ours.append(load(self.directory, server.port, self.desk.approvals(count), connections=16, door=server.door))
            if set(ours[-1]["statuses"]) != {"200"}:
                raise SystemExit(f"approvals failed: {ours[-1]}")
            self.settle()
            theirs.append(self.pgbench_decisions())
        rate, limit = median(ours, "per_second"), median(theirs, "per_second")
        self.report.add("decisions/s, 16 at once", rate, "/s", "", None)
        self.report.add("pgbench, the same rows, 16 clients", limit, "/s", "", None)
        self.report.add("decisions against pgbench", rate / limit, "x", ">= 0.8", rate / limit >= 0.8)
        self.latency("decision, 16 at once", ours)
        p50, p99 = median(ours, "received_p50_ms"), median(ours, "received_p99_ms")
        self.report.add("approve answered to worker received, p50", p50, "ms", "< 5", p50 < 5)
        self.report.add("approve answered to worker received, p99", p99, "ms", "< 20", p99 < 20)
        self.latency("approve sent to worker received", ours, prefix="journey_")

    def pgbench_decisions(self):
        seconds = 2 if self.quick else 4
        pending = self.database.figure("SELECT count(*) FROM proposals WHERE state = 'pending'", "baseline")
        if pending < 4000 * seconds:
            self.baseline.proposals(64, 5)
        return self.baseline.decisions(16, seconds)

    def ensure_pending(self, count):
        pending = self.database.figure(
            "SELECT count(*) FROM proposals WHERE state = 'pending' AND expires_at > now() + interval '5 minutes'")
        self.desk.report()
        if pending < count:
            self.propose(int(count - pending) + 10, 64)

    def expiry(self):
        due = 20_000
        self.ensure_pending(2000)
        self.propose(due, 64)
        self.settle()
        last = int(self.database.figure("SELECT max(sequence) FROM proposals"))
        self.database.sql("ALTER TABLE proposal_states DISABLE TRIGGER guard")
        deadline = self.database.sql(
            "UPDATE proposal_states SET expires_at = date_trunc('second', now()) + interval '12 seconds'"
            f" WHERE sequence > {last - due} AND state = 'pending'; SELECT extract(epoch FROM max(expires_at)) FROM proposal_states"
            f" WHERE sequence = {last}")  # fmt: skip
        self.database.sql("ALTER TABLE proposal_states ENABLE TRIGGER guard")
        self.database.sql("VACUUM ANALYZE proposal_terms, proposal_states")
        self.database.sql("NOTIFY countersign_proposals")
        expected = int(self.database.figure(f"SELECT count(*) FROM proposals WHERE sequence > {last - due} AND state = 'pending'"))
        wait = float(deadline) - time.time() - 2
        if wait < 0:
            raise SystemExit("the deadline passed while it was being set")
        requests = list(self.desk.approvals(600, due))
        time.sleep(max(0, wait))
        server = self.desk.server
        decisions = load(self.directory, server.port, requests, connections=8, rate=100, seconds=6, door=server.door)
        self.settle()
        rows = f"FROM proposal_states WHERE sequence > {last - due} AND state = 'expired'"
        done = int(self.database.figure(f"SELECT count(*) {rows}"))
        took = self.database.figure(f"SELECT extract(epoch FROM max(pg_xact_commit_timestamp(xmin))) - {deadline} {rows}")
        journalled = int(self.database.figure(
            f"SELECT count(*) FROM journal WHERE kind LIKE '%expired' AND at >= to_timestamp({deadline})"))  # fmt: skip
        queued = int(self.database.figure(
            f"SELECT count(*) FROM deliveries WHERE created_at >= to_timestamp({deadline}) AND kind LIKE '%expired%'"))
        whole = done == expected == journalled == queued
        self.report.add("due in one second, expired", done, "", f"= {expected}", done == expected)
        self.report.add("of these journalled / messages queued", min(journalled, queued), "", f"= {expected}", whole)
        self.report.add("last of them committed after the deadline", took * 1000, "ms", "< 1000", took < 1)
        alone = statistics.median(self.baseline.expiries(due) for _ in range(self.runs)) * 1000
        self.report.add("PostgreSQL alone, the same rows in one statement", alone, "ms", "", None)
        self.report.add("slowest decision meanwhile", decisions["max_ms"], "ms", "< 100", decisions["max_ms"] < 100)
        if set(decisions["statuses"]) != {"200"}:
            say(f"decisions meanwhile: {decisions['statuses']}")

    def memory(self):
        self.ensure_pending(20_000)
        highest = 0
        call = Alongside(lambda: self.propose(12_000 * self.seconds, 64, self.seconds))
        while call.is_alive():
            highest = max(highest, self.desk.server.resident_mebibytes())
            time.sleep(0.05)
        call.result()
        self.report.add("resident, 20,000 pending, 64 busy connections", highest, "MiB", "< 150", highest < 150)

    def flat(self):
        """The same load by turns beside nothing and beside a million stored proposals, a hundred thousand of them pending."""
        stored, pending = (100_000, 10_000) if self.quick else (1_000_000, 100_000)
        self.desk.server.stop()
        desks, runs = {}, {"empty": ([], []), "full": ([], [])}
        try:
            for name in runs:
                self.database.create(name)
                desks[name] = desk = Desk(self.database, name)
                desk.server.start()
                desk.report()
                self.propose(300, 16, desk=desk)
            say(f"storing {stored} proposals, {pending} of them pending")
            self.fill(desks["full"], "expired", stored - pending)
            self.fill(desks["full"], "pending", pending)
            for name in runs:
                self.database.sql("VACUUM ANALYZE", name)
            # By turns, and often: the machine gives now more, now less, and what is to be seen is a tenth.
            for _ in range(3 if self.quick else 7):
                for name, desk in desks.items():
                    self.flat_run(desk, *runs[name])
        finally:
            for desk in desks.values():
                desk.server.stop()
            self.desk.server.start()
        for name, place, key in (("proposals/s", 0, "per_second"), ("decision p50, one at a time", 1, "p50_ms")):
            empty, full = median(runs["empty"][place], key), median(runs["full"][place], key)
            unit = "/s" if key == "per_second" else "ms"
            self.report.add(f"{name}, empty", empty, unit, "", None)
            self.report.add(f"{name}, {stored:,} stored, {pending:,} pending", full, unit, "", None)
            cost = empty / full if key == "per_second" else full / empty
            self.report.add(f"{name}: cost when full", cost, "x", "<= 1.1", cost <= 1.1)

    def flat_run(self, desk, proposals, decisions):
        self.settle(desk.name)
        desk.report()
        proposals.append(self.propose(12_000 * self.seconds, 64, self.seconds, desk))
        self.settle(desk.name)
        server = desk.server
        decisions.append(load(self.directory, server.port, desk.approvals(300), connections=1, door=server.door))

    def fill(self, desk, state, count):
        columns = self.database.sql(
            "SELECT column_name FROM information_schema.columns WHERE table_name = 'proposal_terms' AND is_generated = 'NEVER'"
            " AND column_name <> 'sequence'", desk.name).splitlines()  # fmt: skip
        symbols = "ARRAY['" + "','".join(SYMBOLS) + "']"
        own = {
            "id": "gen_random_uuid()", "client_order_id": "gen_random_uuid()::text",
            "idempotency_key": "NULL", "symbol": f"({symbols})[1 + n % {len(SYMBOLS)}]", "qty": f"1 + n / {len(SYMBOLS)}",
            "notional": f"118.20 * (1 + n / {len(SYMBOLS)})", "proposer_name": "'another-bot'", "checks": "'[]'",
            "impact": "NULL", "evidence": "NULL", "expires_at": "now() + interval '1 day'",
        }  # fmt: skip
        # What has ended takes nothing of the limits, so none of it has to be summed.
        terms = (
            f"INSERT INTO proposal_terms ({', '.join(columns)}) SELECT {', '.join(own.get(c, c) for c in columns)}"
            f" FROM (SELECT * FROM proposal_terms LIMIT 1) AS sample, generate_series(1, {count}) AS n")
        if state == "expired":
            terms = (
                f"SET session_replication_role = replica; WITH written AS ({terms} RETURNING *) INSERT INTO proposal_states (proposal_id,"
                " sequence, state, symbol, side, keenness, expires_at, decided_at, decided_by)"
                " SELECT id, sequence, 'expired', symbol, side, keenness, expires_at, now(), 'system' FROM written")
        self.database.sql(terms, desk.name)


def main():
    parser = argparse.ArgumentParser(prog="ops/bench")
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--only", default=",".join(PARTS))
    parser.add_argument("--json", default="bench.json")
    options = parser.parse_args()
    begun = time.monotonic()
    bench = Bench(options)
    try:
        for part in PARTS:
            if part in options.only.split(",") or part == "start":
                say(part)
                getattr(bench, part)()
        bench.report.facts(
            date=time.strftime("%Y-%m-%d"), cores=os.cpu_count(), system=platform.platform(),
            postgresql=bench.database.sql("SHOW server_version", "postgres"), quick=options.quick,
            version=output(PROGRAM, "version").split("\n")[0], runs=bench.runs,
            load=[round(value, 1) for value in os.getloadavg()], seconds=round(time.monotonic() - begun),
        )  # fmt: skip
    finally:
        bench.close()
    with open(options.json, "w") as file:
        json.dump(bench.report.json, file, indent=1)
    print(bench.report.markdown)


if __name__ == "__main__":
    main()
