package import Domain
package import Postgres

/// Reads what waiting proposals and orders under way already take.
///
/// Triggers keep sums of what waits and of what nobody has claimed, so that this costs the same however many there
/// are (docs/decisions/exposure-is-summed-as-it-changes.md). A deadline that passed counts until it is carried out.
package enum ExposureStore {
    /// So many changes may wait before whoever reads them adds them to the sums.
    private static let changesWorthFolding = 64

    /// What three statements find of what is committed.
    package struct Parts: Sendable {
        let sums: PostgresRows
        let resting: PostgresRows
        let underWay: [Commitment]
        /// Whether so many changes wait that whoever reads them should add them to the sums.
        package let isWorthFolding: Bool
        /// Newly opened positions, as `CheckingStore.newPositions` counts them.
        package let newPositions: (today: Int, thisWeek: Int)

        package init(
            sums: PostgresRows, resting: PostgresRows, underWay: [Commitment]
        ) throws(PostgresError) {
            self.sums = sums
            self.resting = resting
            self.underWay = underWay
            isWorthFolding = try (sums.last?.optionalInt("waiting_changes") ?? 0) >= changesWorthFolding
            newPositions = try ExposureStore.newPositions(sums)
        }

        /// What is committed: the sums over all symbols, and for the symbols asked for also at which prices orders
        /// stand.
        ///
        /// Left out are orders at the broker that the account shows already.
        package func committed(
            shownAlready clientOrderIDs: Set<String>
        ) throws(PostgresError) -> CommittedExposure {
            var committed = try ExposureStore.sum(sums, resting: resting)
            for commitment in underWay {
                guard let id = commitment.clientOrderID, !clientOrderIDs.contains(id) else { continue }
                committed.add(commitment)
            }
            return committed
        }
    }

    /// What is committed, for whoever only shows it.
    ///
    /// An order the worker took counts until a report of the account, made at `shownAt`, shows its fills.
    package static func committed(
        symbols: Set<String>, shownAt: Timestamp?, shownAlready clientOrderIDs: Set<String>,
        in session: PostgresSession
    ) throws(PostgresError) -> CommittedExposure {
        var batch = PostgresBatch()
        let sums = batch.add(sums(symbols, except: []))
        let resting = batch.add(resting(symbols, except: []))
        let underWay = batch.add(underWay(except: [], shownAt: shownAt))
        let answers = try session.run(batch)
        return try Parts(
            sums: try sums(answers), resting: try resting(answers), underWay: try underWay(answers)
        ).committed(shownAlready: clientOrderIDs)
    }

    /// The sums of these symbols, and of all others together, without what belongs to `proposals`, because they are what
    /// is judged.
    package static func sums(
        _ symbols: Set<String>, except proposals: [Identifier]
    ) -> PostgresReading<PostgresRows> {
        PostgresReading(sumsSQL, [.texts(proposals), .texts(symbols)]) {
            (rows) throws(PostgresError) in rows
        }
    }

    /// The sums of these symbols alone.
    package static func sums(of symbols: Set<String>) -> PostgresReading<PostgresRows> {
        PostgresReading(sumsOfSymbolsSQL, [.texts(symbols)]) { (rows) throws(PostgresError) in rows }
    }

    /// What is committed in each symbol, by its sums and by the prices at which orders stand.
    package static func bySymbol(
        sums: PostgresRows, resting: PostgresRows
    ) throws(PostgresError) -> [String: SymbolExposure] {
        var bySymbol: [String: SymbolExposure] = [:]
        for row in sums {
            guard let symbol = try row.optionalText("symbol") else { continue }
            var exposure = bySymbol[symbol] ?? SymbolExposure()
            let proposed = try row.int("proposed_openings")
            exposure.openings += proposed + (try row.int("released_openings"))
            exposure.proposedOpenings += proposed
            exposure.reserve += try row.decimal("opening_reserve")
            let side: Side = try row.word("side")
            exposure[side].openingQty = try row.decimal("opening_qty")
            exposure[side].openingNotional = try row.decimal("opening_notional")
            exposure[side].reducingQty = try row.decimal("reducing_qty")
            bySymbol[symbol] = exposure
        }
        for row in resting {
            let symbol = try row.text("symbol")
            let side: Side = try row.word("side")
            var exposure = bySymbol[symbol] ?? SymbolExposure()
            exposure[side].resting.add(try price(row, "proposed", side), side: side, stage: .proposed)
            exposure[side].resting.add(try price(row, "released", side), side: side, stage: .released)
            bySymbol[symbol] = exposure
        }
        return bySymbol
    }

    /// At which prices orders in these symbols stand.
    package static func resting(
        _ symbols: Set<String>, except proposals: [Identifier]
    ) -> PostgresReading<PostgresRows> {
        PostgresReading(restingSQL, [.texts(symbols), .texts(proposals)]) {
            (rows) throws(PostgresError) in rows
        }
    }

    /// The orders that a worker took; each counts until a report of the account, made at `shownAt`, shows its fills.
    ///
    /// Without `shownAt` the newest report counts. Read the account after it: an account newer than that only counts an
    /// order twice, never not at all.
    package static func underWay(
        except proposals: [Identifier], shownAt: Timestamp? = nil
    ) -> PostgresReading<[Commitment]> {
        PostgresReading(underWaySQL, [.texts(proposals), .optional(shownAt)]) {
            (rows) throws(PostgresError) in
            try rows.map(underWay)
        }
    }

    static func newPositions(_ sums: PostgresRows) throws(PostgresError) -> (today: Int, thisWeek: Int) {
        guard let row = sums.last else { return (0, 0) }
        return (try row.int("opened_today"), try row.int("opened_this_week"))
    }

    /// Adds the changes to the sums, unless somebody else is doing it.
    package static func fold(in session: PostgresSession) throws(PostgresError) { try session.read(fold) }

    /// `fold`, among other statements.
    package static var fold: PostgresReading<Void> { PostgresReading("SELECT fold_exposure()") }

    private static func sum(
        _ sums: PostgresRows, resting: PostgresRows
    ) throws(PostgresError) -> CommittedExposure {
        var committed = CommittedExposure()
        for row in sums where try row.optionalText("symbol") == nil { committed.add(try others(row)) }
        for (symbol, exposure) in try bySymbol(sums: sums, resting: resting) {
            committed.add(exposure, symbol: symbol)
        }
        return committed
    }

    private static func others(_ row: PostgresRow) throws(PostgresError) -> OtherExposure {
        OtherExposure(
            openingNotional: try row.decimal("opening_notional"), reserve: try row.decimal("opening_reserve"),
            onlyProposed: try row.textArray("only_proposed"),
            released: try row.textArray("released"))
    }

    /// The price behind a keenness, which for sales is negative, and infinite for an order at any price.
    private static func price(
        _ row: PostgresRow, _ column: String, _ side: Side
    ) throws(PostgresError) -> RestingPrice? {
        guard let keenness = try row.optionalText(column) else { return nil }
        if keenness == "Infinity" { return .any }
        let price = try row.decimal(column)
        return .limit(side == .buy ? price : -price)
    }

    private static func underWay(_ row: PostgresRow) throws(PostgresError) -> Commitment {
        var terms = try OrderTerms(row)
        terms.qty = try row.decimal("remaining")
        return Commitment(
            terms: terms, reference: try row.optionalDecimal("reference"),
            isReducing: try row.bool("is_reducing"), stage: .released,
            proposalID: try row.identifier("id"), clientOrderID: try row.text("client_order_id"))
    }
}

extension ExposureStore {
    /// The largest sum that is told as it is, so that no flood of proposals makes one that cannot be read.
    private static let ceiling = "999999999999999"

    private static func total(_ column: String) -> String {
        "\(ceiled("sum(\(column))")) AS \(column)"
    }

    private static func ceiled(_ sum: String) -> String { "trim_scale(least(\(sum), \(ceiling)))" }

    /// A row for each symbol asked for and side, then one without a symbol for all others, which also tells how many
    /// changes wait to be added to the sums, and how many positions were newly opened.
    ///
    /// All of it in one statement, hence in one snapshot: a release that is committed meanwhile counts as proposed or as
    /// opened, never as both.
    private static let sumsSQL = """
        WITH part AS MATERIALIZED (
            SELECT symbol, side, opening_qty, opening_notional, opening_reserve, reducing_qty, proposed_openings,
                released_openings, 0 AS changes
            FROM exposure
            WHERE opening_qty <> 0 OR reducing_qty <> 0 OR opening_notional <> 0
               OR proposed_openings <> 0 OR released_openings <> 0
            UNION ALL
            SELECT symbol, side, opening_qty, opening_notional, opening_reserve, reducing_qty, proposed_openings,
                released_openings, 1
            FROM exposure_changes
            UNION ALL
            SELECT p.symbol, p.side,
                CASE WHEN p.is_reducing THEN 0 ELSE -p.qty END,
                CASE WHEN p.is_reducing THEN 0 ELSE -p.notional END,
                CASE WHEN p.is_reducing THEN 0 ELSE -p.reserve END,
                CASE WHEN p.is_reducing THEN -p.qty ELSE 0 END,
                CASE WHEN p.is_reducing OR o.id IS NOT NULL THEN 0 ELSE -1 END,
                CASE WHEN p.is_reducing OR o.id IS NULL THEN 0 ELSE -1 END, 0
            FROM proposals p
            LEFT JOIN LATERAL (SELECT id, state FROM orders WHERE proposal_id = p.id LIMIT 1) AS o ON o.state = 'released'
            WHERE p.id = ANY ($1::uuid[]) AND p.proposal_id = ANY ($1::uuid[])
              AND (p.state IN ('pending', 'approved') OR o.id IS NOT NULL)
        ), other AS (
            SELECT symbol, sum(proposed_openings) AS proposed_openings, sum(released_openings) AS released_openings
            FROM part
            WHERE symbol <> ALL ($2::text[])
            GROUP BY symbol
        ), opened AS (
            SELECT array_agg(symbol) FILTER (WHERE proposed_openings > 0 AND released_openings = 0) AS only_proposed,
                array_agg(symbol) FILTER (WHERE released_openings > 0) AS released
            FROM other
        ), calendar AS (
            SELECT trading_day(now()) AS today, date_trunc('week', trading_day(now()))::date AS monday
        ), positions AS (
            SELECT coalesce(sum(orders) FILTER (WHERE day >= today), 0)::bigint AS today,
                coalesce(sum(orders) FILTER (WHERE day >= monday), 0)::bigint AS this_week
            FROM (
                SELECT day, orders
                FROM opened_positions
                WHERE day >= (SELECT monday FROM calendar)
                UNION ALL
                SELECT trading_day(released_at), -1
                FROM orders
                WHERE proposal_id = ANY ($1::uuid[]) AND opens_position AND counts_as_opened(is_reducing, finished_at, filled_qty)
                ) AS opening
            CROSS JOIN calendar
        )
        SELECT symbol, side, \(total("opening_qty")), \(total("opening_notional")), \(total("opening_reserve")),
            \(total("reducing_qty")), sum(proposed_openings)::bigint AS proposed_openings,
            sum(released_openings)::bigint AS released_openings, NULL::text[] AS only_proposed,
            NULL::text[] AS released, NULL::bigint AS waiting_changes, NULL::bigint AS opened_today,
            NULL::bigint AS opened_this_week
        FROM part
        WHERE symbol = ANY ($2::text[])
        GROUP BY symbol, side
        UNION ALL
        SELECT NULL, NULL, NULL,
            \(ceiled("coalesce(sum(opening_notional) FILTER (WHERE symbol <> ALL ($2::text[])), 0)")),
            \(ceiled("coalesce(sum(opening_reserve) FILTER (WHERE symbol <> ALL ($2::text[])), 0)")), NULL, NULL, NULL,
            coalesce((SELECT only_proposed FROM opened), '{}'), coalesce((SELECT released FROM opened), '{}'),
            sum(changes)::bigint, (SELECT today FROM positions), (SELECT this_week FROM positions)
        FROM part
        """

    /// As in `sumsSQL` a row for each symbol and side, without a walk over the others.
    private static let sumsOfSymbolsSQL = """
        SELECT symbol, side, \(total("opening_qty")), \(total("opening_notional")), \(total("opening_reserve")),
            \(total("reducing_qty")), sum(proposed_openings)::bigint AS proposed_openings,
            sum(released_openings)::bigint AS released_openings
        FROM (
            SELECT symbol, side, opening_qty, opening_notional, opening_reserve, reducing_qty, proposed_openings,
                released_openings
            FROM exposure
            WHERE symbol = ANY ($1::text[])
            UNION ALL
            SELECT symbol, side, opening_qty, opening_notional, opening_reserve, reducing_qty, proposed_openings,
                released_openings
            FROM exposure_changes
            WHERE symbol = ANY ($1::text[])
            ) AS part
        GROUP BY symbol, side
        """

    private static let restingSQL = """
        SELECT asked.symbol, way.side, trim_scale(proposed.keenness) AS proposed,
            trim_scale(released.keenness) AS released
        FROM unnest($1::text[]) AS asked (symbol)
        CROSS JOIN (VALUES ('buy'), ('sell')) AS way (side)
        LEFT JOIN LATERAL (
            SELECT s.keenness
            FROM proposal_states s
            WHERE s.state IN ('pending', 'approved') AND s.keenness IS NOT NULL
              AND s.symbol = asked.symbol AND s.side = way.side AND s.proposal_id <> ALL ($2::uuid[])
            ORDER BY s.keenness DESC NULLS LAST
            LIMIT 1) AS proposed ON true
        LEFT JOIN LATERAL (
            SELECT o.keenness
            FROM orders o
            WHERE o.state = 'released' AND o.keenness IS NOT NULL
              AND o.symbol = asked.symbol AND o.side = way.side AND o.proposal_id <> ALL ($2::uuid[])
            ORDER BY o.keenness DESC
            LIMIT 1) AS released ON true
        WHERE proposed.keenness IS NOT NULL OR released.keenness IS NOT NULL
        """

    /// Each row is looked up by itself: there are few, and the planner does not know it.
    private static let underWaySQL = """
        SELECT p.id, p.client_order_id, p.symbol, p.side, p.qty, p.type, p.limit_price, p.stop_price, p.time_in_force,
            p.stop_loss_stop_price, p.stop_loss_limit_price, p.take_profit_limit_price, p.is_reducing,
            round(p.notional / p.qty, 12) AS reference, work.remaining
        FROM (
            SELECT o.proposal_id,
                CASE WHEN o.last_report_at < coalesce($2::timestamptz, (SELECT received_at FROM account_state))
                    THEN o.qty - o.filled_qty ELSE o.qty END AS remaining
            FROM orders o
            WHERE o.finished_at IS NULL AND o.state <> 'released'
            UNION ALL
            SELECT o.proposal_id, o.filled_qty
            FROM orders o
            WHERE o.finished_at IS NOT NULL AND o.filled_qty > 0
              AND o.finished_at > coalesce($2::timestamptz, (SELECT received_at FROM account_state), '-infinity')
            ) AS work
        CROSS JOIN LATERAL (
            SELECT id, client_order_id, symbol, side, qty, type, limit_price, stop_price, time_in_force,
                stop_loss_stop_price, stop_loss_limit_price, take_profit_limit_price, is_reducing, notional
            FROM proposal_terms
            WHERE id = work.proposal_id
            LIMIT 1) AS p
        WHERE work.remaining > 0 AND work.proposal_id <> ALL ($1::uuid[])
        """
}
