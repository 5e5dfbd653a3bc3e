import Domain
import JSON
import Postgres
import Store

/// Tries a channel with a message that asks for nothing: `countersign channel test NAME`.
package struct ChannelTest: Sendable {
    private let context: DeliveryContext

    /// The use case.
    package init(_ context: DeliveryContext) { self.context = context }

    /// Sends a test message now, once, past the outbox; tells what came of it in a sentence.
    package func send(channel name: String) async throws -> (arrived: Bool, words: String) {
        let found = try await context.pool.withSession { session in
            (try DestinationStore.find(named: name, in: session), try DatabaseClock.now(in: session))
        }
        guard let destination = found.0 else {
            throw DeliveryRefusal(code: .notFound, detail: "There is no channel named \(name).")
        }
        let subject = Subject(
            kind: "channel-test", data: ["channel": .string(destination.name)], now: found.1)
        let message = context.writer.message(on: subject, for: destination.userID)
        let id = Identifier(at: found.1, random: (0..<10).map { _ in UInt8(context.random() * 256) })
        switch await context.opening.send(message, Handover(deliveryID: id.text), to: destination) {
        case .taken: return (true, "\(destination.name) took the test message.")
        case .retry(let reason, _): return (false, "Not now: \(reason)")
        case .refused(let reason): return (false, "The message was refused: \(reason)")
        case .unchangeable: return (false, "The channel cannot change its messages.")
        case .broken(let reason): return (false, "The channel does not work: \(reason)")
        }
    }
}
