/// Which addresses outgoing connections may reach: public ones, and blocks allowed by name.
///
/// It judges the address after name resolution, so `localhost`, decimal spellings and names that point inside are
/// seen for what they are.
package struct EgressPolicy: Sendable, Hashable {
    /// The setting that people widen the policy with; errors name it.
    package static let settingName = "COUNTERSIGN_ALLOW_PRIVATE_TARGETS"

    /// Blocks that may be reached although they are not public.
    package let allowed: [CIDR]

    /// Public addresses and the given blocks.
    package init(allowPrivate allowed: [CIDR] = []) {
        self.allowed = allowed
    }

    /// Public addresses and the blocks of a setting such as `127.0.0.0/8, ::1/128`.
    package init(parsing text: String) throws(CIDR.Malformed) {
        self.init(allowPrivate: try CIDR.list(text))
    }

    /// Public addresses only.
    package static let publicOnly = EgressPolicy()

    /// This policy and the machine itself besides.
    package var allowingLoopback: EgressPolicy {
        EgressPolicy(allowPrivate: allowed + SpecialAddresses.loopback)
    }

    /// Why the address may not be reached, or nil when it may.
    package func objection(to address: IPAddress) -> String? {
        guard let reason = SpecialAddresses.kind(of: address) else { return nil }
        return isAllowedByName(address) ? nil : reason
    }

    /// Whether one of the allowed blocks holds the address.
    func isAllowedByName(_ address: IPAddress) -> Bool {
        allowed.contains { $0.contains(address) }
    }
}
