"""What PostgreSQL itself does with the same rows: the product's own schema, filled by pgbench."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from machine import free_port, load, output

FRESH = {
    "id": "gen_random_uuid()",
    "idempotency_key": "gen_random_uuid()::text",
    "client_order_id": "gen_random_uuid()::text",
    "created_at": "now()",
    "expires_at": "now() + interval '1 day'",
}

# What is written for a proposal, and which columns have a value of their own each time.
WRITTEN = {
    "proposal_terms": FRESH,
    "journal": {"subject": "'proposal:' || written.id"},
    "deliveries": {"id": "gen_random_uuid()", "proposal_id": "written.id"},
}


class Baseline:
    """A copy of the desk's database with one proposal in it, whose rows pgbench writes again and again.

    The guards stay. The running sums of new proposals do not: they are made for one writer, and pgbench's clients would
    queue for them. What a decision adds to the sums is only appended, so there they stay too.
    """

    def __init__(self, database, source, name="baseline"):
        self.database, self.name = database, name
        database.create(name, source)
        for table in ("proposal_terms", "journal", "deliveries"):
            database.sql(f"CREATE TABLE sample_{table} AS SELECT * FROM {table} ORDER BY sequence LIMIT 1"
                         if table != "journal" else
                         "CREATE TABLE sample_journal AS SELECT * FROM journal WHERE kind = 'proposal.created' LIMIT 1",
                         name)  # fmt: skip
        database.sql("ALTER TABLE proposal_terms DISABLE TRIGGER count_new", name)
        database.sql("ALTER TABLE proposal_states DISABLE TRIGGER count_changed", name)
        database.sql("ALTER TABLE orders DISABLE TRIGGER count_new, DISABLE TRIGGER count_changed", name)

    def columns(self, table):
        """Those that whoever writes a row fills."""
        rows = self.database.sql(
            f"SELECT column_name FROM information_schema.columns WHERE table_name = '{table}' AND table_schema = 'public'"
            " AND is_generated = 'NEVER' ORDER BY ordinal_position", self.name).splitlines()  # fmt: skip
        own = {"id", "at"} if table == "journal" else {"sequence"}
        return [row for row in rows if row not in own]

    def proposals(self, clients, seconds):
        """One prepared statement writes a proposal, its journal entry and its message, all values sent as a client has to."""
        values = {}
        written = {table: self.sent(table, values) for table in WRITTEN}
        return self.write(clients, seconds, written, lambda table: "", values)

    def copied_proposals(self, clients, seconds):
        """The same, copied from a row that is there: nothing is sent, no document read, nothing compressed."""
        written = {
            table: {column: own.get(column, f"sample.{column}") for column in self.columns(table)}
            for table, own in WRITTEN.items()
        }  # fmt: skip
        return self.write(clients, seconds, written, lambda table: f", sample_{table} AS sample", {})

    def write(self, clients, seconds, written, source, values):
        """Writes to each table the columns named, from the new proposal and what `source` adds to it."""

        def insert(table, origin):
            columns = written[table]
            chosen = f"SELECT {', '.join(columns.values())} FROM {origin}{source(table)}"
            return f"INSERT INTO {table} ({', '.join(columns)}) {chosen}"

        script = f"""
            WITH written AS ({insert("proposal_terms", "(VALUES (0)) AS one")} RETURNING id),
                entry AS ({insert("journal", "written")})
            {insert("deliveries", "written")};
            """
        variables = [part for name, value in values.items() for part in ("-D", f"{name}={value}")]
        return self.database.pgbench(self.name, script, clients, seconds, *variables)

    def sent(self, table, values):
        """What is written to each column: the sample's value as a parameter, whose value is added to `values`, or its own."""
        sample = json.loads(self.database.sql(
            f"SELECT json_object_agg(key, value) FROM sample_{table} AS row, json_each_text(row_to_json(row))", self.name))  # fmt: skip
        types = dict(line.split("|") for line in self.database.sql(
            "SELECT attname, format_type(atttypid, atttypmod) FROM pg_attribute"
            f" WHERE attrelid = '{table}'::regclass AND attnum > 0", self.name).splitlines())  # fmt: skip
        written = {}
        for column in self.columns(table):
            name = f"{table}_{column}"
            if column in WRITTEN[table]:
                written[column] = WRITTEN[table][column]
            elif sample[column] is None:
                written[column] = f"NULL::{types[column]}"
            else:
                values[name] = sample[column]
                written[column] = f":{name}::{types[column]}"
        return written

    def decisions(self, clients, seconds):
        """One transaction, pipelined, writes what an approval writes: decision, order, proposal, journal, messages, sums."""
        self.database.sql("ALTER TABLE proposal_states ENABLE TRIGGER count_changed; ALTER TABLE orders ENABLE TRIGGER count_new", self.name)
        # Behind all that an earlier run has decided: its clients went on at different speeds.
        first = int(self.database.figure(
            "SELECT coalesce(max(sequence) FILTER (WHERE state <> 'pending') + 1, min(sequence)) FROM proposals", self.name))  # fmt: skip
        script = f"""
            \\set n :n + 1
            \\set place {first} + :client_id + :n * {clients}
            \\startpipeline
            BEGIN;
            INSERT INTO decisions (id, proposal_id, user_id, verdict, order_hash, method)
            SELECT gen_random_uuid(), p.id, u.id, 'approve', p.order_hash, 'token'
            FROM proposal_terms p, users u WHERE p.sequence = :place;
            INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing,
                order_hash, document, key_id, signature, approved_price, valid_until)
            SELECT gen_random_uuid(), p.id, client_order_id, 'released', symbol, side, qty, notional, is_reducing,
                order_hash, canonical_order || canonical_order, k.key_id, decode(repeat('00', 64), 'hex'), 118.20,
                now() + interval '10 minutes'
            FROM proposal_terms p, signing_keys k WHERE p.sequence = :place;
            UPDATE proposal_states AS known
            SET state = 'released', decided_by = 'user' || chr(58) || 'alice', decided_at = clock_timestamp(), approved_at = now(),
                valid_until = now() + interval '10 minutes'
            FROM proposal_terms p
            WHERE p.sequence = :place AND known.proposal_id = p.id;
            INSERT INTO journal (kind, actor, subject, data)
            SELECT kind, 'user' || chr(58) || 'alice', 'proposal:' || p.id, '{{"method":"token"}}'
            FROM (VALUES ('proposal.approved'), ('proposal.released')) AS entry (kind), proposal_terms p
            WHERE p.sequence = :place;
            INSERT INTO deliveries (destination, kind, proposal_id, order_id, priority, state, subject)
            SELECT destination, 'order-released', p.id, o.id, 1, entry.state, entry.subject || p.id
            FROM (VALUES ('kept', 'kept', 'proposal:'), ('worker', 'queued', NULL)) AS entry (destination, state, subject),
                proposal_terms p JOIN orders o ON o.proposal_id = p.id
            WHERE p.sequence = :place;
            COMMIT;
            \\endpipeline
            """
        before = self.database.figure("SELECT count(*) FROM orders", self.name)
        figures = self.database.pgbench(self.name, script, clients, seconds, "-D", "n=-1")
        # A client that ran out of proposals wrote nothing: only what was written counts.
        written = self.database.figure("SELECT count(*) FROM orders", self.name) - before
        figures["per_second"] = min(figures["per_second"], written / seconds)
        return figures

    def expiries(self, count):
        """Seconds of PostgreSQL, with nobody else about, to expire so many in one statement: states, entries, messages, guards."""
        self.database.sql("ALTER TABLE proposal_states ENABLE TRIGGER count_changed", self.name)
        proposal = self.columns("proposal_terms")
        first = 1 + int(self.database.figure("SELECT max(sequence) FROM proposals", self.name))
        values = ", ".join(FRESH.get(column, f"sample.{column}") for column in proposal)
        self.database.sql(
            f"INSERT INTO proposal_terms ({', '.join(proposal)}) SELECT {values} FROM sample_proposal_terms AS sample,"
            f" generate_series(1, {count}); ALTER TABLE proposal_states DISABLE TRIGGER guard;"
            f" UPDATE proposal_states SET expires_at = now() - interval '1 second' WHERE sequence >= {first};"
            " ALTER TABLE proposal_states ENABLE TRIGGER guard", self.name)
        self.database.sql("VACUUM ANALYZE proposal_terms, proposal_states", self.name)
        self.database.sql("CHECKPOINT", self.name)
        expired = f"""
            WITH ended AS (
                UPDATE proposal_states
                SET state = 'expired', decided_by = 'system', decided_at = clock_timestamp(), reason = 'Nobody answered in time.'
                WHERE sequence >= {first} AND state = 'pending'
                RETURNING proposal_id AS id
            ), entry AS (
                INSERT INTO journal (kind, actor, subject, data)
                SELECT 'proposal.expired', 'system', 'proposal:' || id, '{{}}' FROM ended
            )
            INSERT INTO deliveries (destination, kind, proposal_id, priority, state, subject)
            SELECT 'kept', 'proposal-expired', id, 3, 'kept', 'proposal:' || id FROM ended
            """
        begin = time.monotonic()
        self.database.sql(expired, self.name)
        took = time.monotonic() - begin
        done = self.database.figure(
            f"SELECT count(*) FROM proposals WHERE sequence >= {first} AND state = 'expired'", self.name)  # fmt: skip
        if done != count:
            raise SystemExit(f"PostgreSQL alone expired {done} of {count}")
        return took


def bare_answers(desk, answer_bytes, seconds, connections=64):
    """What libmicrohttpd answers with nothing behind it, to the same requests."""
    with tempfile.TemporaryDirectory() as directory:
        program = Path(directory) / "bare"
        output("cc", "-O2", "-o", str(program), str(Path(__file__).parent / "bare.c"), "-lmicrohttpd")
        port = free_port()
        process = subprocess.Popen([str(program), str(port), str(answer_bytes)])
        try:
            time.sleep(0.3)
            return load(directory, port, desk.proposals(40_000 * seconds), connections=connections, seconds=seconds)
        finally:
            process.kill()
            process.wait()
