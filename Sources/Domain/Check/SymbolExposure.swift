/// What all open or waiting orders in one symbol add up to.
package struct SymbolExposure: Sendable, Hashable {
    /// The sum of the orders of one side.
    package struct Half: Sendable, Hashable {
        /// Shares of orders that open or enlarge a position.
        package var openingQty: ExactDecimal = .zero
        /// Their worth in USD.
        package var openingNotional: ExactDecimal = .zero
        /// Shares of orders that only make a position smaller.
        package var reducingQty: ExactDecimal = .zero
        /// Shares of protective exits that hang on an entry, part of `reducingQty`.
        package var protectiveQty: ExactDecimal = .zero
        /// The prices at which these orders stand.
        package var resting = RestingOrders()

        /// Nothing.
        package init() {}
    }

    package var buys = Half()
    package var sells = Half()
    /// The money the broker sets aside for the opening orders, in USD.
    package var reserve: ExactDecimal = .zero
    /// Opening proposals that are not released yet.
    package var proposedOpenings = 0
    /// All opening orders and proposals.
    package var openings = 0
    /// Whether an opening order stands there whose worth nobody can tell.
    package var hasUnknownValue = false

    /// Nothing.
    package init() {}

    /// The orders of one side.
    package subscript(side: Side) -> Half {
        get { side == .buy ? buys : sells }
        set {
            if side == .buy { buys = newValue } else { sells = newValue }
        }
    }

    /// Shares to be bought less shares to be sold; exits that hang on an entry are left out.
    package var signedQty: ExactDecimal {
        buys.openingQty + buys.reducingQty - buys.protectiveQty
            - (sells.openingQty + sells.reducingQty - sells.protectiveQty)
    }

    /// Adds one order.
    package mutating func add(_ commitment: Commitment, isProtective: Bool = false) {
        var half = self[commitment.side]
        half.resting.add(commitment.resting, side: commitment.side, stage: commitment.stage)
        if commitment.isReducing {
            half.reducingQty += commitment.qty
            if isProtective { half.protectiveQty += commitment.qty }
        } else {
            half.openingQty += commitment.qty
            half.openingNotional += commitment.notional
            reserve += commitment.reserve
            openings += 1
            if commitment.stage == .proposed { proposedOpenings += 1 }
        }
        self[commitment.side] = half
    }

    /// Adds what is known of other orders in the symbol.
    mutating func add(_ other: SymbolExposure) {
        for side in Side.allCases {
            self[side].openingQty += other[side].openingQty
            self[side].openingNotional += other[side].openingNotional
            self[side].reducingQty += other[side].reducingQty
            self[side].protectiveQty += other[side].protectiveQty
            self[side].resting.add(other[side].resting, side: side)
        }
        reserve += other.reserve
        proposedOpenings += other.proposedOpenings
        openings += other.openings
        hasUnknownValue = hasUnknownValue || other.hasUnknownValue
    }
}

/// At which prices orders of one side stand: enough to tell whether one of the other side would meet them.
package struct RestingOrders: Sendable, Hashable {
    /// The most willing order of a stage: the highest buy or the lowest sale, or one at any price.
    private var released: RestingPrice?
    private var proposed: RestingPrice?

    /// No orders.
    package init() {}

    /// Adds an order of a side.
    package mutating func add(_ price: RestingPrice?, side: Side, stage: Commitment.Stage) {
        guard let price else { return }
        switch stage {
        case .released: released = Self.keener(released, price, side)
        case .proposed: proposed = Self.keener(proposed, price, side)
        }
    }

    mutating func add(_ other: RestingOrders, side: Side) {
        add(other.released, side: side, stage: .released)
        add(other.proposed, side: side, stage: .proposed)
    }

    /// Whether an order of the other side would meet one of that stage.
    package func meet(_ other: RestingPrice, of otherSide: Side, stage: Commitment.Stage) -> RestingPrice? {
        guard let mine = stage == .released ? released : proposed else { return nil }
        guard case .limit(let price) = mine, case .limit(let otherPrice) = other else { return mine }
        let (buy, sell) = otherSide == .buy ? (otherPrice, price) : (price, otherPrice)
        return buy >= sell ? mine : nil
    }

    private static func keener(_ old: RestingPrice?, _ new: RestingPrice, _ side: Side) -> RestingPrice {
        guard let old, case .limit(let oldPrice) = old, case .limit(let newPrice) = new else {
            return old == .any ? .any : new
        }
        return .limit(side == .buy ? max(oldPrice, newPrice) : min(oldPrice, newPrice))
    }
}
