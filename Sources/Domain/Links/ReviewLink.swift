// The link in a message to one person. It says who is asked and about what, and spares typing a name. It never
// decides: a proof that the message does not hold is still asked for.

/// What a personal link stands for.
package struct ReviewLink: Sendable, Hashable {
    /// What it is a link to.
    package enum Purpose: UInt8, Sendable, Hashable {
        case proposal = 1
        case alert = 2
    }

    package let purpose: Purpose
    /// The proposal or the alert.
    package let subjectID: Identifier
    package let userID: Identifier
    /// When the link stops opening anything.
    package let expiresAt: Timestamp

    /// A link to a proposal.
    package init(proposalID: Identifier, userID: Identifier, expiresAt: Timestamp) {
        self.init(.proposal, proposalID, userID, expiresAt)
    }

    /// A link to an alert.
    package init(alertID: Identifier, userID: Identifier, expiresAt: Timestamp) {
        self.init(.alert, alertID, userID, expiresAt)
    }

    private init(_ purpose: Purpose, _ subjectID: Identifier, _ userID: Identifier, _ expiresAt: Timestamp) {
        self.purpose = purpose
        self.subjectID = subjectID
        self.userID = userID
        self.expiresAt = expiresAt
    }

    /// How many bytes the authentication code has.
    package static let codeByteCount = 32
    private static let payloadByteCount = 41

    /// The token's bytes: purpose, proposal or alert, person and expiry, followed by their authentication code (256 bits).
    package func token(authenticate: ([UInt8]) -> [UInt8]) -> [UInt8] {
        payload + authenticate(payload)
    }

    /// The link in a token's bytes; nil where the code does not fit or the purpose is another.
    ///
    /// Whether it expired is for the caller to judge by the database's clock.
    package init?(token: [UInt8], isAuthentic: (_ payload: [UInt8], _ code: [UInt8]) -> Bool) {
        guard token.count == Self.payloadByteCount + Self.codeByteCount else { return nil }
        let payload = Array(token.prefix(Self.payloadByteCount))
        let code = Array(token.suffix(Self.codeByteCount))
        guard isAuthentic(payload, code), let purpose = Purpose(rawValue: payload[0]),
            let subjectID = Identifier(bytes: payload[1..<17]),
            let userID = Identifier(bytes: payload[17..<33])
        else { return nil }
        let seconds = payload[33..<41].reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard let whole = Int64(exactly: seconds), whole < 1 << 40 else { return nil }
        self.init(purpose, subjectID, userID, Timestamp(seconds: whole))
    }

    private var payload: [UInt8] {
        let seconds = UInt64(max(0, expiresAt.microseconds / 1_000_000))
        let expiry = (0..<8).map { UInt8(truncatingIfNeeded: seconds >> UInt64(56 - 8 * $0)) }
        return [purpose.rawValue] + subjectID.bytes + userID.bytes + expiry
    }
}
