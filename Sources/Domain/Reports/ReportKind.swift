/// Which report it is.
package enum ReportKind: String, Sendable, Hashable, CaseIterable {
    case daily, weekly

    /// What messages on a report of that period are about.
    package func subject(_ period: String) -> String { "report:\(rawValue):\(period)" }
    /// The kind of message that brings it.
    package var deliveryKind: String { "report-\(rawValue)" }

    /// The report that a kind of message brings; nil where it brings none.
    package init?(deliveryKind: String) {
        guard deliveryKind.hasPrefix("report-") else { return nil }
        self.init(rawValue: String(deliveryKind.dropFirst("report-".count)))
    }
}
