import Domain
import Support

/// Steps by which what is committed grows and shrinks, in SQL, for walks that compare what is counted.
enum ExposureWalk {
    static let symbols = ["AAPL", "NVDA", "TSLA"]

    /// Lets the steps be made in any order.
    static let unguarded = """
        ALTER TABLE proposal_terms DISABLE TRIGGER guard, DISABLE TRIGGER guard_fixed;
        ALTER TABLE proposal_states DISABLE TRIGGER guard; ALTER TABLE orders DISABLE TRIGGER guard;
        ALTER TABLE orders DISABLE TRIGGER guard_new;
        """

    static func step(_ random: inout SplitMix64) -> String {
        switch Int.random(in: 0..<12, using: &random) {
        case 0...3: insertion(&random)
        case 4: ending("'approved'", &random)
        case 5, 6: release
        case 7:
            "UPDATE orders SET state = 'submitting', claim_generation = 1, claimed_by = 'w1', claimed_at = now(), "
                + "filled_qty = floor(qty / 2), last_report_at = to_timestamp(1700000000 + random() * 1000) "
                + "WHERE id = (SELECT id FROM orders WHERE state = 'released' ORDER BY random() LIMIT 1)"
        default: lessening(&random)
        }
    }

    /// What takes no more than before.
    static func lessening(_ random: inout SplitMix64) -> String {
        switch Int.random(in: 0..<4, using: &random) {
        case 0: ending("'rejected'", &random)
        case 1:
            "UPDATE proposal_terms SET qty = qty - 1, notional = notional * (qty - 1) / qty WHERE id = "
                + "(SELECT id FROM proposals WHERE state = 'pending' AND qty > 1 AND notional / qty = trunc(notional / qty)"
                + " ORDER BY random() LIMIT 1)"
        case 2:
            "UPDATE orders SET state = 'canceled', finished_at = to_timestamp(1700000000 + random() * 1000) WHERE id IN "
                + "(SELECT id FROM orders WHERE finished_at IS NULL ORDER BY random() LIMIT 2)"
        default: "SELECT fold_exposure()"
        }
    }

    static func insertion(_ random: inout SplitMix64, of symbols: [String] = symbols) -> String {
        let rows = (0..<Int.random(in: 1...4, using: &random)).map { _ in
            let qty = Int.random(in: 1...200, using: &random)
            let price = Int.random(in: 10...90, using: &random)
            let kind = Int.random(in: 0..<3, using: &random)
            let limit = kind == 0 ? "NULL" : "\(price)"
            let hasBracket = kind == 2
            let symbol = symbols.randomElement(using: &random) ?? "AAPL"
            let side = Bool.random(using: &random) ? "buy" : "sell"
            let isBlocked = Int.random(in: 0..<3, using: &random) == 0
            return """
                (gen_random_uuid(), 'paper', '\(GateFixture.identifier(9))', 'dee-bot', sha256('x'),
                '\(symbol)', '\(side)', \(qty), '\(kind == 0 ? "market" : "limit")', \(limit), 'day',
                \(hasBracket ? "1" : "NULL"), \(hasBracket ? "999" : "NULL"), 'walk', \(qty * price),
                \(Int.random(in: 0..<4, using: &random) == 0), gen_random_uuid()::text, '',
                encode(sha256(''), 'hex'), 'standard', 1, 1, '[]', now(), now() + interval '1 hour', 30,
                \(isBlocked ? "'limits'" : "NULL"))
                """
        }
        return """
            INSERT INTO proposal_terms (id, mode, proposer_key_id, proposer_name, request_hash, symbol, side, qty, type,
                limit_price, time_in_force, stop_loss_stop_price, take_profit_limit_price, strategy, notional,
                is_reducing, client_order_id, canonical_order, order_hash, tier, approvals_required, policy_version,
                checks, created_at, expires_at, validity_minutes, blocked_reason)
            VALUES \(rows.joined(separator: ", "))
            """
    }

    static func ending(_ state: String, _ random: inout SplitMix64) -> String {
        """
        UPDATE proposal_states SET state = \(state), decided_at = now()
        WHERE proposal_id IN (SELECT proposal_id FROM proposal_states WHERE state = 'pending' ORDER BY random()
            LIMIT \(Int.random(in: 1...3, using: &random)))
        """
    }

    static let release = """
        WITH chosen AS (
            SELECT id, symbol, side, qty, notional, is_reducing, order_hash, client_order_id, keenness
            FROM proposals WHERE state IN ('pending', 'approved') ORDER BY random() LIMIT 1
        ), written AS (
            INSERT INTO orders (id, proposal_id, client_order_id, state, symbol, side, qty, notional, is_reducing,
                order_hash, document, key_id, signature, valid_until, keenness)
            SELECT gen_random_uuid(), id, client_order_id, 'released', symbol, side, qty, notional, is_reducing,
                order_hash, '', (SELECT key_id FROM signing_keys LIMIT 1), decode(repeat('00', 64), 'hex'), now(), keenness
            FROM chosen
        )
        UPDATE proposal_states SET state = 'released', decided_at = now() WHERE proposal_id = (SELECT id FROM chosen)
        """
}
