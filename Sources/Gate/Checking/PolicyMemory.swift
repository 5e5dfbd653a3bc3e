package import Domain
import JSON
import Synchronization

/// The policy that was read last: every group asks for the newest, and seldom is it another.
///
/// It is known by its whole text, so that it cannot be out of date.
package final class PolicyMemory: Sendable {
    private let last = Mutex<(document: String, policy: Policy)?>(nil)

    /// A memory of nothing.
    package init() {}

    /// The policy of a stored document.
    package func policy(of document: String) throws(ValidationFailure) -> Policy {
        if let last = last.withLock({ $0 }), last.document == document { return last.policy }
        let policy = try PolicyDocument.parse(JSONText(stored: document).value)
        last.withLock { $0 = (document, policy) }
        return policy
    }
}
