import Domain

/// What a database holds of proposals that are over, and of the orders that came of them.
struct PastOrders {
    /// One proposal: what was proposed, what became of it, and of its order.
    struct Proposal {
        var name: String
        var state = "rejected"
        var type = "limit"
        var limit: String?
        var stop: String?
        var isReducing = false
        var protection: String? = "92"
        var at: Timestamp
        /// The state of its order and how many of the ten shares were filled; nil where it has none.
        var order: (state: String, filled: Int)?
    }

    /// Where everything begins: a deployment, a policy and a key.
    static let ground = """
        INSERT INTO deployment (mode, account_number) VALUES ('paper', 'SIM1');
        INSERT INTO policies (version, document, applied_by) VALUES (1, '{"preset":"guarded-5k"}', 'system');
        INSERT INTO api_keys (id, name, scope, secret_hash, hint) VALUES
            ('00000000-0000-0000-0000-000000000001', 'dee-bot', 'propose', sha256('x'), 'x');
        """

    /// SQL that writes proposals to buy ten shares of NVDA, decided ten minutes after they were made.
    static func sql(_ proposals: [Proposal]) -> String {
        let rows = proposals.map(insert).joined()
        return "SET session_replication_role = replica;\n\(rows)SET session_replication_role = origin;\n"
    }

    private static func insert(_ each: Proposal) -> String {
        func number(_ text: String?) -> String { text ?? "NULL" }
        let (made, decided) = (each.at.rfc3339, each.at.adding(minutes: 10).rfc3339)
        let proposal = """
            INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty, type,
                limit_price, stop_price, time_in_force, stop_loss_stop_price, take_profit_limit_price, strategy, notional,
                is_reducing, client_order_id, canonical_order, order_hash, tier, approvals_required, policy_version, checks,
                created_at, expires_at, validity_minutes)
            VALUES (gen_random_uuid(), 'paper', '00000000-0000-0000-0000-000000000001', 'dee-bot',
                sha256('x'), 'NVDA', 'buy', 10, '\(each.type)', \(number(each.limit)), \(number(each.stop)), 'day',
                \(number(each.protection)), 120, 'momentum', 1000, \(each.isReducing), '\(each.name)', '\(each.name)',
                encode(sha256('\(each.name)'), 'hex'), 'standard', 1, 1, '[]', '\(made)', '\(decided)', 15);
            INSERT INTO proposal_states (proposal_id, sequence, state, symbol, side, expires_at, decided_at, decided_by)
            SELECT id, sequence, '\(each.state)', symbol, side, expires_at, '\(decided)', 'user:alice'
            FROM proposal_terms
            WHERE client_order_id = '\(each.name)';

            """
        guard let (state, filled) = each.order else { return proposal }
        let isOver = !["released", "submitting", "accepted", "partially_filled", "unknown"].contains(state)
        return proposal + """
            INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing, order_hash,
                document, key_id, signature, released_at, valid_until, filled_qty, filled_avg_price, finished_at)
            SELECT gen_random_uuid(), p.id, p.client_order_id, '\(state)', p.symbol, p.side, p.qty, p.notional, p.is_reducing,
                p.order_hash, '{}', 'key', convert_to(repeat('x', 64), 'UTF8'), '\(decided)', '\(decided)', \(filled),
                \(filled > 0 ? "100" : "NULL"), \(isOver ? "'\(decided)'" : "NULL")
            FROM proposals p
            WHERE p.client_order_id = '\(each.name)';

            """
    }
}
