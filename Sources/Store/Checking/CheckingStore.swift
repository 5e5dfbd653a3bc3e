package import Domain
package import JSON
package import Postgres

/// Reads what the checks look at.
package enum CheckingStore {
    /// The newest policy; nil where none is applied.
    package static func newestPolicy(
        in session: PostgresSession
    ) throws(PostgresError) -> (version: Int, document: JSONValue)? {
        try session.read(newestPolicy)
    }

    /// `newestPolicy`, among other statements.
    package static var newestPolicy: PostgresReading<(version: Int, document: JSONValue)?> {
        PostgresReading(newestPolicySQL) { (rows) throws(PostgresError) in
            try rows.first.map { (row) throws(PostgresError) in
                (try row.int("version"), try row.json("document"))
            }
        }
    }

    /// The newest policy as it is stored, for whoever may know it already; nil where none is applied.
    package static var newestPolicyText: PostgresReading<(version: Int, document: String)?> {
        PostgresReading(newestPolicySQL) { (rows) throws(PostgresError) in
            try rows.first.map { (row) throws(PostgresError) in
                (try row.int("version"), try row.text("document"))
            }
        }
    }

    private static let newestPolicySQL =
        "SELECT version, document FROM policies ORDER BY version DESC LIMIT 1"

    /// What the worker last reported, in the form in which `AccountSnapshot.parse` reads it; nil before its first
    /// report.
    package static func accountState(
        in session: PostgresSession
    ) throws(PostgresError) -> (report: JSONValue, receivedAt: Timestamp)? {
        try session.read(accountState)
    }

    /// `accountState`, among other statements.
    package static var accountState: PostgresReading<(report: JSONValue, receivedAt: Timestamp)?> {
        PostgresReading("SELECT account, positions, open_orders, clock, received_at FROM account_state") {
            (rows) throws(PostgresError) in
            try rows.first.map { (row) throws(PostgresError) in try accountState(row) }
        }
    }

    static func accountState(
        _ row: PostgresRow
    ) throws(PostgresError) -> (report: JSONValue, receivedAt: Timestamp) {
        var report: JSONObject = [
            "account": try row.json("account"), "positions": try row.json("positions"),
            "open_orders": try row.json("open_orders"),
        ]
        report["clock"] = try row.optionalJSON("clock")
        return (.object(report), try row.timestamp("received_at"))
    }

    /// When the worker last told of the account; nil before its first report.
    package static var accountReceivedAt: PostgresReading<Timestamp?> {
        PostgresReading("SELECT received_at FROM account_state") { (rows) throws(PostgresError) in
            try rows.first.map { (row) throws(PostgresError) in try row.timestamp("received_at") }
        }
    }

    /// The newest prices of these symbols.
    package static func quotes(
        _ symbols: Set<String>, in session: PostgresSession
    ) throws(PostgresError) -> [String: Quote] {
        try session.read(quotes(symbols))
    }

    /// `quotes`, among other statements.
    package static func quotes(_ symbols: Set<String>) -> PostgresReading<[String: Quote]> {
        PostgresReading(
            "SELECT symbol, bid, ask, quoted_at, received_at FROM quotes WHERE symbol = ANY ($1::text[])",
            [.texts(symbols)]
        ) { (rows) throws(PostgresError) in
            var quotes: [String: Quote] = [:]
            for row in rows {
                let symbol = try row.text("symbol")
                quotes[symbol] = Quote(
                    symbol: symbol, bid: try row.decimal("bid"), ask: try row.decimal("ask"),
                    quotedAt: try row.timestamp("quoted_at"), receivedAt: try row.timestamp("received_at"))
            }
            return quotes
        }
    }

    /// How many positions were newly opened today and since Monday, both as New York counts days.
    ///
    /// Counted are released orders that open a position and that did not end without a trade. A trigger counts them day
    /// by day.
    package static func newPositions(
        in session: PostgresSession
    ) throws(PostgresError) -> (today: Int, thisWeek: Int) {
        try ExposureStore.newPositions(try session.read(ExposureStore.sums([], except: [])))
    }

    /// The newest of each kind of trade that these bots asked for within the longest time that a policy can look back,
    /// blocked proposals left out.
    ///
    /// A bot's wish without a quantity, which the policy's sizing still has to find, brings the newest of each quantity. The order
    /// is that of the index for this; ask behind `TransactionSettings.withoutSorting`, or a plan that is kept since there were
    /// few takes a shorter index and reads all proposals in a symbol.
    package static func recentIntents(_ wishes: Set<Wish>) -> PostgresReading<[RecentIntents.Intent]> {
        let wishes = Array(wishes)
        return PostgresReading(
            recentIntentsSQL,
            [
                .texts(wishes.map(\.symbol)), .texts(wishes.map(\.side.rawValue)),
                .texts(wishes.map(\.proposer)), .decimals(wishes.map(\.qty)),
                .int(Int64(PolicyLimits.maxDuplicateWindowSeconds)),
            ]
        ) { (rows) throws(PostgresError) in
            try rows.map { (row) throws(PostgresError) in
                RecentIntents.Intent(
                    proposalID: try row.identifier("id"), symbol: try row.text("symbol"),
                    side: try row.word("side"),
                    qty: try row.decimal("qty"), createdAt: try row.timestamp("created_at"),
                    proposer: try row.text("proposer_name"))
            }
        }
    }

    /// A trade that a bot asks for, as far as it says what it wants.
    package struct Wish: Sendable, Hashable {
        let proposer: String
        let symbol: String
        let side: Side
        let qty: ExactDecimal?

        /// A wish; without a quantity where the policy is to find it.
        package init(proposer: String, symbol: String, side: Side, qty: ExactDecimal?) {
            self.proposer = proposer
            self.symbol = symbol
            self.side = side
            self.qty = qty
        }
    }

    private static let recentIntentsSQL = """
        SELECT like_it.id, wish.symbol, wish.side, like_it.qty, like_it.created_at, wish.proposer AS proposer_name
        FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[]) AS wish (symbol, side, proposer, qty)
        CROSS JOIN LATERAL (
            SELECT id, qty, created_at
            FROM proposal_terms
            WHERE symbol = wish.symbol AND side = wish.side AND proposer_name = wish.proposer
              AND qty >= wish.qty AND qty <= wish.qty AND NOT is_blocked AND created_at > statement_timestamp() - make_interval(secs => $5)
            ORDER BY qty, created_at DESC
            LIMIT 1) AS like_it
        UNION ALL
        SELECT any_of_it.id, wish.symbol, wish.side, any_of_it.qty, any_of_it.created_at, wish.proposer
        FROM unnest($1::text[], $2::text[], $3::text[], $4::numeric[]) AS wish (symbol, side, proposer, qty)
        CROSS JOIN LATERAL (
            SELECT DISTINCT ON (qty) id, qty, created_at
            FROM proposal_terms
            WHERE symbol = wish.symbol AND side = wish.side AND proposer_name = wish.proposer
              AND NOT is_blocked AND created_at > statement_timestamp() - make_interval(secs => $5)
            ORDER BY qty, created_at DESC) AS any_of_it
        WHERE wish.qty IS NULL
        """
}
