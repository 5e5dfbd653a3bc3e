import Domain
import Gate
import JSON
import Postgres

/// What the database sees of admission: when a group begins, each slice that it writes, and who else got the account's lock.
enum SliceLog {
    /// One line of the log.
    struct Line: Sendable {
        /// `group`, `slice`, or the word of whoever got the lock in between.
        let kind: String
        /// Whether somebody waited for the lock when the slice was written.
        let isAwaited: Bool
    }

    /// Sets the log up; each slice takes a little longer, so that those who were just answered are in time for the next but one.
    static func keep(_ desk: GateFixture) async throws {
        try await desk.run(
            """
            CREATE TABLE slice_log (n bigint GENERATED ALWAYS AS IDENTITY, kind text NOT NULL, is_awaited boolean NOT NULL);
            CREATE SEQUENCE slices_of_group;
            ALTER FUNCTION fold_exposure() RENAME TO fold_as_ever;
            CREATE FUNCTION fold_exposure() RETURNS void LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO slice_log (kind, is_awaited) VALUES ('group', false);
                PERFORM setval('slices_of_group', 1, false), fold_as_ever();
            END $$;
            CREATE FUNCTION log_slice() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                INSERT INTO slice_log (kind, is_awaited)
                SELECT 'slice', EXISTS (
                    SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
                        AND database = (SELECT oid FROM pg_database WHERE datname = current_database()));
                PERFORM nextval('slices_of_group'), pg_sleep(0.003);
                RETURN NULL;
            END $$;
            CREATE TRIGGER log_slice AFTER INSERT ON proposal_terms FOR EACH STATEMENT EXECUTE FUNCTION log_slice()
            """)
    }

    static func lines(_ desk: GateFixture) async throws -> [Line] {
        try await desk.pool.withSession { session in
            try session.query("SELECT kind, is_awaited FROM slice_log ORDER BY n").map { row in
                Line(kind: try row.text("kind"), isAwaited: try row.bool("is_awaited"))
            }
        }
    }

    /// How many slices were written, and how many by the longest group.
    static func slices(_ desk: GateFixture) async throws -> (all: Int, inOneGroup: Int) {
        let groups = try await lines(desk).split { $0.kind != "slice" }
        return (groups.reduce(0) { $0 + $1.count }, groups.map(\.count).max() ?? 0)
    }
}

extension GateFixture {
    /// What a client asks for, and under which key.
    struct Wish: Sendable {
        var changes: JSONObject = ["qty": "1"]
        var key: String?
    }

    /// Has each client propose one after the other, all clients at once; what each was answered, in its order.
    @discardableResult
    func propose(
        _ clients: [[Wish]], _ admission: Admission
    ) async throws -> [[Result<Admitted, any Error>]] {
        await withTaskGroup(of: (Int, [Result<Admitted, any Error>]).self) { group in
            for (place, wishes) in clients.enumerated() {
                group.addTask {
                    var answers: [Result<Admitted, any Error>] = []
                    for wish in wishes {
                        do {
                            answers.append(
                                .success(try await propose(wish.changes, key: wish.key, admission: admission))
                            )
                        } catch {
                            answers.append(.failure(error))
                        }
                    }
                    return (place, answers)
                }
            }
            var all: [[Result<Admitted, any Error>]] = clients.map { _ in [] }
            for await (place, answers) in group { all[place] = answers }
            return all
        }
    }

    /// Applies a policy that lets nearly everything in.
    func applyOpenPolicy() async throws {
        try await apply([
            "limits": [
                "duplicate_window_seconds": nil, "max_new_positions_per_day": nil, "max_open_positions": nil,
                "max_new_positions_per_week": nil, "max_position_usd": nil, "max_position_pct": nil,
                "cash_reserve_min_pct": nil,
            ]
        ])
    }
}
