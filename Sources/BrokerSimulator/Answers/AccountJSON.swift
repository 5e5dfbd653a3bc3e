import Domain
import JSON

extension SimulatedExchange {
    /// The account as Alpaca shows it, with what a script laid over it.
    func accountJSON(at now: Timestamp) -> JSONValue {
        let members = identityMembers(at: now).merging(moneyMembers(at: now)).merging(marginMembers(at: now))
        return .object(members.merging(accountOverlay))
    }

    private func identityMembers(at now: Timestamp) -> JSONObject {
        [
            "id": .string(accountID.text), "account_number": .string(settings.accountNumber),
            "status": "ACTIVE", "crypto_status": "INACTIVE", "currency": "USD",
            "created_at": .time(createdAt),
            "balance_asof": .string(String(now.rfc3339.prefix(10))),
            "multiplier": .string(String(settings.multiplier)),
            "shorting_enabled": .bool(settings.isShortingEnabled), "trading_blocked": false,
            "transfers_blocked": false, "account_blocked": false,
            "trade_suspended_by_user": .bool(configuration.suspendTrade), "options_approved_level": 0,
            "options_trading_level": 0,
        ]
    }

    private func moneyMembers(at now: Timestamp) -> JSONObject {
        let equity = equity(at: now)
        let power = buyingPower(at: now)
        let own = min(power, max(.zero, cash))
        return [
            "cash": .string(cash.cents), "equity": .string(equity.cents),
            "last_equity": .string(lastEquity.cents), "portfolio_value": .string(equity.cents),
            "buying_power": .string(power.cents), "regt_buying_power": .string(power.cents),
            "non_marginable_buying_power": .string(own.cents), "options_buying_power": .string(own.cents),
        ]
    }

    private func marginMembers(at now: Timestamp) -> JSONObject {
        let long = marketValue(at: now) { !$0.isShort }
        let short = marketValue(at: now) { $0.isShort }
        let gross = long - short
        let initial = gross.divided(by: ExactDecimal(settings.multiplier > 1 ? 2 : 1), scale: 2) ?? gross
        let maintenance = (gross * ExactDecimal(3)).divided(by: ExactDecimal(10), scale: 2) ?? gross
        return [
            "long_market_value": .string(long.cents), "short_market_value": .string(short.cents),
            "initial_margin": .string(initial.cents), "maintenance_margin": .string(maintenance.cents),
            "last_maintenance_margin": .string(maintenance.cents), "sma": "0", "accrued_fees": "0",
            "intraday_adjustments": "0", "pending_transfer_in": "0", "pending_transfer_out": "0",
            "pending_reg_taf_fees": "0",
        ]
    }

    private func marketValue(at now: Timestamp, where counts: (SimulatedPosition) -> Bool) -> ExactDecimal {
        positions.filter { counts($0.value) }
            .reduce(.zero) { $0 + $1.value.quantity * quote($1.key, at: now).last }
    }

    /// The account's settings.
    func configurationJSON() -> JSONValue {
        [
            "fractional_trading": .bool(configuration.fractionalTrading),
            "max_margin_multiplier": .string(String(settings.multiplier)),
            "max_options_trading_level": 0, "no_shorting": .bool(configuration.noShorting),
            "suspend_trade": .bool(configuration.suspendTrade),
            "trade_confirm_email": .string(configuration.tradeConfirmEmail),
            "ptp_no_exception_entry": .bool(configuration.noExceptionEntry),
            "disable_overnight_trading": .bool(configuration.disableOvernightTrading),
        ]
    }

    /// The account's value at the end of each day so far, and now.
    func portfolioHistoryJSON(at now: Timestamp) -> JSONValue {
        let points = history + [EquityPoint(at: now, equity: equity(at: now))]
        let base = history.first?.equity ?? settings.cash
        let profits = points.map { $0.equity - base }
        let fractions = profits.map { $0.divided(by: base, scale: 6) ?? .zero }
        return [
            "timestamp": .array(points.map { .integer($0.at.microseconds / 1_000_000) }),
            "equity": .array(points.map { .numeric($0.equity.rounded(scale: 2)) }),
            "profit_loss": .array(profits.map { .numeric($0.rounded(scale: 2)) }),
            "profit_loss_pct": .array(fractions.map { .numeric($0) }),
            "base_value": .numeric(base), "base_value_asof": .string(String(createdAt.rfc3339.prefix(10))),
            "timeframe": "1D", "cashflow": [:],
        ]
    }
}
