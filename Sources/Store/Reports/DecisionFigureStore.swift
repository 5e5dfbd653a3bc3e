package import Domain
package import Postgres

/// How fast somebody decided, or how fast a bot's proposals were decided.
package struct DecisionPace: Sendable, Hashable {
    /// A person's or a bot's name; nil for all together.
    package let name: String?
    package let approvals: Int
    package let rejections: Int
    /// The median of seconds from proposal to decision, to the millisecond.
    package let medianSeconds: ExactDecimal
    package let slowestSeconds: ExactDecimal
    /// Approvals within five seconds: too fast to have read what was approved.
    package let hasty: Int
}

/// How fast was decided in a period.
package struct DecisionPaces: Sendable, Hashable {
    /// All together; nil where nothing was decided.
    package internal(set) var total: DecisionPace?
    package internal(set) var people: [DecisionPace] = []
    package internal(set) var bots: [DecisionPace] = []
    /// How many decisions took up to each bound, and how many longer than the last.
    package internal(set) var times: [Int]
}

/// One decision that took long.
package struct SlowDecision: Sendable, Hashable {
    package let proposalID: Identifier
    package let symbol: String
    package let by: String
    package let seconds: ExactDecimal
}

/// Sums up decisions on the proposals of a period.
package enum DecisionFigureStore {
    /// An approval faster than this was hardly read.
    package static let hastySeconds = 5

    /// How many proposals of each bot for each strategy stand in each state.
    package static func counts(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> [DecisionFigures.StateCount] {
        try session.query(
            """
            SELECT proposer_name, strategy, state, count(*) AS proposals
            FROM proposals
            WHERE created_at > $1 AND created_at <= $2
            GROUP BY proposer_name, strategy, state
            """, period.parameters
        ).map { (row) throws(PostgresError) in
            DecisionFigures.StateCount(
                bot: try row.text("proposer_name"), strategy: try row.text("strategy"),
                state: try row.word("state"), count: try row.int("proposals"))
        }
    }

    /// Which checks blocked proposals, the most frequent first; a proposal counts for each check that it failed.
    package static func blockers(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> [(code: String, count: Int)] {
        try session.query(
            """
            SELECT finding.value ->> 'code' AS code, count(*) AS proposals
            FROM proposals p
            CROSS JOIN LATERAL json_array_elements(p.checks) AS finding
            WHERE p.created_at > $1 AND p.created_at <= $2 AND p.is_blocked
              AND finding.value ->> 'outcome' = 'fail'
            GROUP BY finding.value ->> 'code'
            ORDER BY proposals DESC, code
            """, period.parameters
        ).map { (row) throws(PostgresError) in (try row.text("code"), try row.int("proposals")) }
    }

    /// The bounds of the lengths of time that decisions are sorted into, in seconds; what takes longer comes last.
    package static let timeBounds = [hastySeconds, 30, 60, 300, 900, 1800]

    /// How fast was decided: all together, by person and by bot, the names in order; and how many decisions took up to
    /// each bound and how many longer than the last, which is one more than there are bounds.
    ///
    /// All in one statement: over a busy week reading the decisions is most of a report's work.
    package static func paces(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> DecisionPaces {
        let rows = try session.query(
            """
            WITH decided AS (
                SELECT u.name AS person, p.proposer_name AS bot, d.verdict,
                    extract(epoch FROM d.decided_at - p.created_at) AS seconds,
                    width_bucket(extract(epoch FROM d.decided_at - p.created_at), $4::numeric[]) AS bucket
                FROM proposal_terms p
                JOIN decisions d ON d.proposal_id = p.id
                JOIN users u ON u.id = d.user_id
                WHERE p.created_at > $1 AND p.created_at <= $2
            )
            SELECT person, bot, bucket, count(*) AS decisions,
                count(*) FILTER (WHERE verdict = 'approve') AS approvals,
                count(*) FILTER (WHERE verdict = 'reject') AS rejections,
                round((percentile_cont(0.5) WITHIN GROUP (ORDER BY seconds))::numeric, 3) AS median_seconds,
                round(max(seconds), 3) AS slowest_seconds,
                count(*) FILTER (WHERE verdict = 'approve' AND seconds < $3) AS hasty
            FROM decided
            GROUP BY GROUPING SETS ((), (person), (bot), (bucket))
            HAVING count(*) > 0
            ORDER BY person, bot
            """,
            period.parameters + [.int(Int64(hastySeconds)), .texts(timeBounds.map { "\($0)" })])
        var paces = DecisionPaces(times: Array(repeating: 0, count: timeBounds.count + 1))
        for row in rows {
            if let bucket = try row.optionalInt("bucket") {
                if paces.times.indices.contains(bucket) { paces.times[bucket] = try row.int("decisions") }
            } else if let person = try row.optionalText("person") {
                paces.people.append(try pace(row, person))
            } else if let bot = try row.optionalText("bot") {
                paces.bots.append(try pace(row, bot))
            } else {
                paces.total = try pace(row, nil)
            }
        }
        return paces
    }

    /// The decision that took longest; nil without any.
    package static func slowest(
        _ period: ReportPeriod, in session: PostgresSession
    ) throws(PostgresError) -> SlowDecision? {
        try session.query(
            """
            SELECT p.id, p.symbol, u.name, round(extract(epoch FROM d.decided_at - p.created_at), 3) AS seconds
            FROM proposal_terms p
            JOIN decisions d ON d.proposal_id = p.id
            JOIN users u ON u.id = d.user_id
            WHERE p.created_at > $1 AND p.created_at <= $2
            ORDER BY d.decided_at - p.created_at DESC, p.id
            LIMIT 1
            """, period.parameters
        ).first.map { (row) throws(PostgresError) in
            SlowDecision(
                proposalID: try row.identifier("id"), symbol: try row.text("symbol"),
                by: try row.text("name"), seconds: try row.decimal("seconds"))
        }
    }

    private static func pace(_ row: PostgresRow, _ name: String?) throws(PostgresError) -> DecisionPace {
        DecisionPace(
            name: name, approvals: try row.int("approvals"), rejections: try row.int("rejections"),
            medianSeconds: try row.decimal("median_seconds"),
            slowestSeconds: try row.decimal("slowest_seconds"), hasty: try row.int("hasty"))
    }
}

extension ReportPeriod {
    /// Its bounds: after the first, until the second.
    var parameters: [PostgresValue] { [start.postgresValue, end.postgresValue] }
}
