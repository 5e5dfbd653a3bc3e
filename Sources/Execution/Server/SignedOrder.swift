package import Cryptography
package import Domain
package import JSON

/// An order that the server signed: it exists only where signature, hash and mode hold.
package struct SignedOrder: Sendable, Hashable {
    package let id: String
    package let clientOrderID: String
    package let terms: OrderTerms
    /// Until when people allowed it to be sent.
    package let validUntil: Timestamp
    /// Whether the same claim was answered before, so that the order may have been sent.
    package let isRepeatedClaim: Bool

    /// Why a document is no order for us.
    package struct Unsound: Error, Sendable, Hashable, CustomStringConvertible {
        package let description: String
    }

    /// Opens a document of the webhook (`data`) or of a claim's answer.
    package init(_ document: JSONValue, key: PublicKey, mode: TradingMode) throws(Unsound) {
        guard let order = document["order"], let approval = document["approval"],
            document["signature"]?["alg"] == "ed25519",
            let signature = document["signature"]?["value"]?.stringValue.flatMap(Base64.decode)
        else { throw Unsound(description: "The order's document lacks its order, approval or signature.") }
        let signed = JSONValue.object(["order": order, "approval": approval]).canonical()
        guard key.verify(signature, of: Array(signed.utf8)) else {
            throw Unsound(
                description:
                    "The order's signature is not by the server's pinned key. Nothing was sent. If the "
                    + "server's secret key was changed on purpose, remove the pinned key and start again."
            )
        }
        guard let id = order["id"]?.stringValue,
            let clientOrderID = order["client_order_id"]?.stringValue, !clientOrderID.isEmpty,
            clientOrderID.utf8.count <= 128
        else { throw Unsound(description: "The signed order lacks an identity.") }
        guard let validUntil = approval["expires_at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)) else {
            throw Unsound(description: "The signed order does not say until when its approval holds.")
        }
        guard order["mode"]?.stringValue == mode.rawValue else {
            throw Unsound(description: "The signed order is not for \(mode.rawValue) trading.")
        }
        do {
            terms = try OrderTerms.parse(order)
        } catch {
            throw Unsound(description: "The signed order's terms make no sense: \(error.faults)")
        }
        guard
            SHA256.hexadecimal(terms.canonical(clientOrderID: clientOrderID))
                == approval["order_hash"]?.stringValue
        else { throw Unsound(description: "The signed order is not the one that people approved.") }
        self.id = id
        self.validUntil = validUntil
        self.clientOrderID = clientOrderID
        isRepeatedClaim = document["already_claimed"]?.boolValue ?? false
    }
}
