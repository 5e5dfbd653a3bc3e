import Domain
import JSON
import Postgres
import Store

/// What keeps a worker from its work, as it tells with its syncs: people hear of it until it is over.
enum WorkerTroubles {
    private static let brokerPatienceSeconds = 60
    private static let refusalKey = "worker-refuses"

    static func tell(_ message: WorkerMessage, in session: PostgresSession) throws {
        try tellOfBroker(message, in: session)
        try tellOfRefusal(message, in: session)
    }

    /// A broker that has not answered for a minute is told of, until it does.
    private static func tellOfBroker(_ message: WorkerMessage, in session: PostgresSession) throws {
        if message.account != nil {
            return try AlertRaising.end(
                key: AlertScene.brokerKey, by: AlertDraft.system, reason: "the broker answers again",
                in: session)
        }
        guard let trouble = message.brokerTrouble, trouble.seconds >= brokerPatienceSeconds else { return }
        let draft = AlertDraft(
            .apiError, title: "The broker does not answer the worker",
            detail:
                "For \(trouble.seconds) seconds the worker could not read the account. Nothing goes out, and losses are not seen."
                + " Stops at the broker still hold.",
            evidence: ["error": .string(trouble.words), "worker": .string(message.workerID)],
            subject: "worker",
            dedupKey: AlertScene.brokerKey)
        try AlertRaising.raise(draft, counts: false, in: session)
    }

    /// A worker that was given an answer which is not this server's word is told of at once, until it takes one again.
    private static func tellOfRefusal(_ message: WorkerMessage, in session: PostgresSession) throws {
        guard let trouble = message.answerTrouble else {
            guard message.account != nil else { return }
            return try AlertRaising.end(
                key: refusalKey, by: AlertDraft.system, reason: "the worker takes the server's word again",
                in: session)
        }
        let draft = AlertDraft(
            .workerRefuses, title: "The worker refuses what it is told in this server's name",
            detail:
                "Nothing is sent, cancelled or closed meanwhile; stops at the broker still hold. Look at what stands between the"
                + " worker and this server, and at the worker's log. The worker says: \(trouble.words)",
            evidence: ["reason": .string(trouble.words), "worker": .string(message.workerID)],
            subject: "worker", dedupKey: refusalKey)
        try AlertRaising.raise(draft, counts: false, in: session)
    }
}
