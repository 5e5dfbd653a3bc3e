package import Domain
package import JSON
package import Postgres

/// Reads what the checks look at.
package enum CheckingStore {
    /// The newest policy; nil where none is applied.
    package static func newestPolicy(
        in session: PostgresSession
    ) throws(PostgresError) -> (version: Int, document: JSONValue)? {
        try session.query("SELECT version, document FROM policies ORDER BY version DESC LIMIT 1").first
            .map { (row) throws(PostgresError) in (try row.int("version"), try row.json("document")) }
    }

    /// What the worker last reported, in the form in which `AccountSnapshot.parse` reads it; nil before its first
    /// report.
    package static func accountState(
        in session: PostgresSession
    ) throws(PostgresError) -> (report: JSONValue, receivedAt: Timestamp)? {
        let rows = try session.query(
            "SELECT account, positions, open_orders, clock, received_at FROM account_state")
        return try rows.first.map { (row) throws(PostgresError) in
            var report: JSONObject = [
                "account": try row.json("account"), "positions": try row.json("positions"),
                "open_orders": try row.json("open_orders"),
            ]
            report["clock"] = try row.optionalJSON("clock")
            return (.object(report), try row.timestamp("received_at"))
        }
    }

    /// The newest prices of these symbols.
    package static func quotes(
        _ symbols: Set<String>, in session: PostgresSession
    ) throws(PostgresError) -> [String: Quote] {
        let rows = try session.query(
            "SELECT symbol, bid, ask, quoted_at, received_at FROM quotes WHERE symbol = ANY ($1::text[])",
            [.texts(symbols)])
        var quotes: [String: Quote] = [:]
        for row in rows {
            let symbol = try row.text("symbol")
            quotes[symbol] = Quote(
                symbol: symbol, bid: try row.decimal("bid"), ask: try row.decimal("ask"),
                quotedAt: try row.timestamp("quoted_at"), receivedAt: try row.timestamp("received_at"))
        }
        return quotes
    }

    /// How many positions were newly opened today and since Monday, both as New York counts days.
    ///
    /// Counted are released orders that open a position and that did not end without a trade. `proposalID` is left
    /// out, because its order is what is judged.
    package static func newPositions(
        except proposalID: Identifier? = nil, in session: PostgresSession
    ) throws(PostgresError) -> (today: Int, thisWeek: Int) {
        let row = try session.query(
            """
            SELECT count(*) FILTER (WHERE released_at >= day.start) AS today, count(*) AS this_week
            FROM orders,
                (SELECT date_trunc('day', now() AT TIME ZONE 'America/New_York') AT TIME ZONE 'America/New_York' AS start,
                    date_trunc('week', now() AT TIME ZONE 'America/New_York') AT TIME ZONE 'America/New_York' AS week) AS day
            WHERE released_at >= day.week AND NOT is_reducing
              AND (finished_at IS NULL OR filled_qty > 0)
              AND proposal_id IS DISTINCT FROM $1::uuid
            """, [.optional(proposalID)]
        ).only()
        return (try row.int("today"), try row.int("this_week"))
    }

    /// What was proposed of these symbols within so many seconds, blocked proposals left out.
    package static func recentIntents(
        _ symbols: Set<String>, seconds: Int, in session: PostgresSession
    ) throws(PostgresError) -> [RecentIntents.Intent] {
        let rows = try session.query(
            """
            SELECT id, symbol, side, qty, created_at, proposer_name
            FROM proposals
            WHERE created_at > clock_timestamp() - make_interval(secs => $2)
              AND symbol = ANY ($1::text[])
              AND state <> 'blocked'
            """, [.texts(symbols), .int(Int64(seconds))])
        return try rows.map { (row) throws(PostgresError) in
            RecentIntents.Intent(
                proposalID: try row.identifier("id"), symbol: try row.text("symbol"),
                side: try row.word("side"),
                qty: try row.decimal("qty"), createdAt: try row.timestamp("created_at"),
                proposer: try row.text("proposer_name"))
        }
    }

    /// What proposals and orders of ours take that the account may not show yet.
    ///
    /// Counted are proposals that wait or are held, orders under way, and orders that ended with a trade after the
    /// account was reported, at `shownAt`. Fills that the report already shows are taken off.
    package static func commitments(
        except proposalID: Identifier?, shownAt: Timestamp?, in session: PostgresSession
    ) throws(PostgresError) -> [Commitment] {
        let rows = try session.query(commitmentsSQL, [.optional(proposalID), .optional(shownAt)])
        return try rows.map { (row) throws(PostgresError) in
            var terms = try OrderTerms(row)
            terms.qty = try row.decimal("remaining")
            let isProposed = try row.bool("is_proposed")
            return Commitment(
                terms: terms, reference: try row.optionalDecimal("reference"),
                isReducing: try row.bool("is_reducing"),
                stage: isProposed ? .proposed : .released, proposalID: try row.identifier("id"),
                clientOrderID: isProposed ? nil : try row.text("client_order_id"))
        }
    }

    private static let commitmentsSQL = """
        SELECT p.id, p.client_order_id, p.symbol, p.side, p.qty, p.type, p.limit_price, p.stop_price, p.time_in_force,
            p.stop_loss_stop_price, p.stop_loss_limit_price, p.take_profit_limit_price, p.is_reducing,
            p.notional / p.qty AS reference, p.qty AS remaining, true AS is_proposed
        FROM proposals p
        WHERE p.state IN ('pending', 'approved')
          AND (p.state = 'approved' OR p.expires_at > clock_timestamp())
          AND p.id IS DISTINCT FROM $1::uuid
        UNION ALL
        SELECT p.id, p.client_order_id, p.symbol, p.side, p.qty, p.type, p.limit_price, p.stop_price, p.time_in_force,
            p.stop_loss_stop_price, p.stop_loss_limit_price, p.take_profit_limit_price, p.is_reducing,
            p.notional / p.qty, work.remaining, false
        FROM (
            SELECT o.proposal_id,
                CASE WHEN o.finished_at IS NOT NULL THEN o.filled_qty
                    WHEN o.last_report_at < $2::timestamptz THEN o.qty - o.filled_qty
                    ELSE o.qty END AS remaining
            FROM orders o
            WHERE o.finished_at IS NULL
               OR (o.filled_qty > 0 AND o.finished_at > coalesce($2::timestamptz, '-infinity'))
            ) AS work
        JOIN proposals p ON p.id = work.proposal_id
        WHERE work.remaining > 0 AND p.id IS DISTINCT FROM $1::uuid
        """
}
