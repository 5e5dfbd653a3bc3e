package import Domain
package import Postgres

/// What a person answered to one question of a week's review, at one time.
package struct ReviewAnswer: Sendable, Hashable {
    package let question: Int
    /// From 1 upward; the newest counts.
    package let version: Int
    package let text: String
    package let by: String
    package let at: Timestamp
}

/// What closed the review of a week.
package struct ReviewSignature: Sendable, Hashable {
    package let week: ISOWeek
    package let decision: ReviewDecision
    package let comment: String?
    /// SHA-256 of what was signed, in hexadecimal digits.
    package let reviewHash: String
    package let by: String
    package let at: Timestamp
    /// The halt that the decision opened.
    package let haltID: Identifier?
}

/// A week whose report was made, and what became of its review.
package struct ReviewedWeek: Sendable, Hashable {
    package let week: ISOWeek
    package let decision: ReviewDecision?
    package let by: String?
}

/// Answers and signatures of weekly reviews; nothing is ever rewritten.
package enum ReviewStore {
    /// Keeps others from answering or signing this week's review until the transaction ends.
    package static func lock(_ week: ISOWeek, in session: PostgresSession) throws(PostgresError) {
        _ = try session.query(
            "SELECT pg_advisory_xact_lock(hashtextextended('review:' || $1, 0))", [.text(week.description)])
    }

    /// Every answer of a week, by question and from the first version to the newest.
    package static func answers(
        _ week: ISOWeek, in session: PostgresSession
    ) throws(PostgresError) -> [ReviewAnswer] {
        try session.query(
            """
            SELECT a.question, a.version, a.answer, u.name, a.answered_at
            FROM review_answers a
            JOIN users u ON u.id = a.user_id
            WHERE a.week = $1
            ORDER BY a.question, a.version
            """, [.text(week.description)]
        ).map { (row) throws(PostgresError) in
            ReviewAnswer(
                question: try row.int("question"), version: try row.int("version"),
                text: try row.text("answer"), by: try row.text("name"), at: try row.timestamp("answered_at"))
        }
    }

    /// Adds the next version of an answer.
    package static func insert(
        _ week: ISOWeek, question: Int, version: Int, _ text: String, by userID: Identifier,
        in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            INSERT INTO review_answers (week, question, version, answer, user_id)
            VALUES ($1, $2, $3, $4, $5)
            """,
            [
                .text(week.description), .int(Int64(question)), .int(Int64(version)), .text(text),
                userID.postgresValue,
            ])
    }

    /// What closed a week's review; nil while it is open.
    package static func signature(
        _ week: ISOWeek, in session: PostgresSession
    ) throws(PostgresError) -> ReviewSignature? {
        try session.query(
            """
            SELECT s.decision, s.comment, s.review_hash, u.name, s.signed_at, s.halt_id
            FROM review_signatures s
            JOIN users u ON u.id = s.user_id
            WHERE s.week = $1
            """, [.text(week.description)]
        ).first.map { (row) throws(PostgresError) in
            ReviewSignature(
                week: week, decision: try row.word("decision"), comment: try row.optionalText("comment"),
                reviewHash: try row.text("review_hash"), by: try row.text("name"),
                at: try row.timestamp("signed_at"), haltID: try row.optionalIdentifier("halt_id"))
        }
    }

    /// Closes a week's review; the guard refuses a second time.
    package static func sign(
        _ week: ISOWeek, _ decision: ReviewDecision, comment: String?, hash: String, haltID: Identifier?,
        by userID: Identifier, in session: PostgresSession
    ) throws(PostgresError) {
        try session.execute(
            """
            INSERT INTO review_signatures (week, decision, comment, review_hash, user_id, method, halt_id)
            VALUES ($1, $2, $3, $4, $5, 'pin', $6)
            """,
            [
                .text(week.description), .text(decision.rawValue), .optional(comment), .text(hash),
                userID.postgresValue, .optional(haltID),
            ])
    }

    /// The newest weeks whose reports were made, the newest first.
    package static func weeks(
        limit: Int, in session: PostgresSession
    ) throws(PostgresError) -> [ReviewedWeek] {
        let rows = try session.query(
            """
            SELECT r.period, s.decision, u.name
            FROM reports r
            LEFT JOIN review_signatures s ON s.week = r.period
            LEFT JOIN users u ON u.id = s.user_id
            WHERE r.kind = 'weekly'
            ORDER BY r.period DESC
            LIMIT $1
            """, [.int(Int64(limit))])
        var weeks: [ReviewedWeek] = []
        for row in rows {
            guard let week = ISOWeek(try row.text("period")) else { continue }
            let decision = try row.optionalText("decision").flatMap { ReviewDecision(rawValue: $0) }
            weeks.append(ReviewedWeek(week: week, decision: decision, by: try row.optionalText("name")))
        }
        return weeks
    }
}
