import Domain
import JSON
import Logging
import Postgres
import Store

/// Carries out one attempt outside any transaction, then writes down in one what became of it.
struct AttemptRun: Sendable {
    let context: DeliveryContext
    let attempt: Attempt

    private var record: DeliveryRecord { attempt.record }

    /// Whether it was taken; otherwise it may be due again at once.
    @discardableResult
    func run() async -> Bool {
        do {
            switch attempt.task {
            case .settle(let result): try await save(result, rest: 0)
            case .message(let posting):
                var message = context.writer.message(on: posting.subject, for: posting.destination.userID)
                message.thread = record.subject
                let outcome = await posting.send(
                    message, deliveryID: record.id.text, through: context.opening)
                try await finish(outcome, posting)
            case .release(let order, let id):
                let outcome = await context.worker?.send(
                    order, id: id, now: attempt.now, isFirst: record.attempts <= 1)
                try await finish(outcome ?? .refused(reason: "No worker's address is configured."), nil)
                if case .taken = outcome { return true }
            }
        } catch {
            // What was sent and could not be written down is sent again: once too often, never once too few.
            context.logger.error("delivery.unrecorded", fields(["error": .string("\(error)")]))
        }
        return false
    }

    private func finish(_ outcome: SendOutcome, _ posting: Posting?) async throws {
        switch outcome {
        case .taken(let taken): try await keep(taken, posting)
        case .refused(let reason): try await save(.dead(error: reason), rest: 0)
        case .retry(let reason, let seconds): try await retry(reason, after: seconds)
        case .unchangeable(let post): try await leave(post)
        case .broken(let reason):
            guard let posting else { return try await save(.dead(error: reason), rest: 0) }
            try await disable(posting.destination, reason: reason)
        }
    }

    private var backoff: Backoff {
        record.channelID == nil ? context.workerBackoff : context.messageBackoff
    }

    /// The lane rests with the message: what the destination does not take now, it will not take from another
    /// message.
    ///
    /// It rests for a minute at most unless told otherwise, so that a message that alone is unwelcome does
    /// not hold up the others for long.
    private func retry(_ reason: String, after seconds: Double?) async throws {
        guard let delay = backoff.delaySeconds(afterAttempts: record.attempts, random: context.random())
        else {
            return try await save(
                .dead(error: "\(reason.asSentence) Given up after \(record.attempts) attempts."), rest: 0)
        }
        let wait = max(seconds ?? 0, delay)
        let rest = seconds.map { max($0, min(delay, 60)) } ?? min(delay, 60)
        if let notAfter = record.notAfter,
            attempt.now.microseconds + Int64(wait * 1_000_000) >= notAfter.microseconds
        {
            return try await save(
                .dead(error: "\(reason.asSentence) There was no time left for another attempt."), rest: rest)
        }
        try await save(.retry(afterSeconds: wait, error: reason), rest: rest)
    }

    private func keep(_ taken: SendOutcome.Taken, _ posting: Posting?) async throws {
        let result = DeliveryResult.sent(receipt: taken.receipt)
        let isOurs =
            if let posting { try await keep(taken, posting, as: result) } else {
                try await context.takenReleases.keep(taken.receipt, of: record)
            }
        guard isOurs else { return context.logger.warning("delivery.overtaken", fields()) }
        log(result)
    }

    private func keep(
        _ taken: SendOutcome.Taken, _ posting: Posting, as result: DeliveryResult
    ) async throws -> Bool {
        try await context.pool.transaction { [record] session in
            guard
                try DeliveryResults.record(
                    result, of: record, pauseSeconds: taken.restSeconds, pace: taken.pace, in: session)
            else { return false }
            guard posting.isRemembered else { return true }
            if let post = taken.post { try PostStore.save(post, of: record, in: session) }
            try DeliveryResults.dropSuperseded(
                posting.superseded, reason: Posting.supersededReason, in: session)
            return true
        }
    }

    /// The message stays as it is: what it could be changed for is not worth another, and it is not tried again.
    private func leave(_ post: PostRecord) async throws {
        let result = DeliveryResult.dropped(reason: Posting.nothingToChange)
        let isOurs = try await context.pool.transaction { [record] session in
            guard try DeliveryResults.record(result, of: record, in: session) else { return false }
            try PostStore.save(post, of: record, in: session)
            return true
        }
        guard isOurs else { return context.logger.warning("delivery.overtaken", fields()) }
        log(result)
    }

    private func save(_ result: DeliveryResult, rest: Double) async throws {
        let isOurs = try await context.pool.transaction { [record] session in
            try DeliveryResults.record(result, of: record, pauseSeconds: rest, in: session)
        }
        guard isOurs else { return context.logger.warning("delivery.overtaken", fields()) }
        log(result)
    }

    private func disable(_ destination: DestinationRecord, reason: String) async throws {
        try await context.pool.transaction { [record] session in
            guard try DeliveryResults.record(.dead(error: reason), of: record, in: session) else { return }
            guard try ChannelStore.disable(destination.id, reason: reason, in: session) else { return }
            var data: JSONObject = [
                "name": .string(destination.name), "channel": .string(destination.name),
                "channel_kind": .string(destination.kind.rawValue),
                "reason": .string(reason),
            ]
            data["user"] = destination.userName.map(JSONValue.string)
            try JournalStore.append(
                [
                    JournalDraft(
                        kind: "channel.disabled", actor: "system", subject: "channel:\(destination.id)",
                        data: data)
                ], in: session)
            var alert = AlertDraft(
                .channelDisabled, title: "Channel \(destination.name) no longer works", detail: reason,
                evidence: data.merging(["channel_id": .string(destination.id.text)]),
                subject: "channel:\(destination.id)", dedupKey: "channel-disabled:\(destination.id)")
            alert.messageKind = "channel-disabled"
            try AlertRaising.raise(
                alert, to: try ChannelStore.informed(ofLosing: destination.id, in: session), in: session)
            try AlertRaising.end(
                key: "channel-failing:\(destination.id)", by: AlertDraft.system,
                reason: "the channel is out of use now",
                told: .quietly, in: session)
        }
        context.logger.error(
            "channel.disabled", fields(["channel": .string(destination.name), "reason": .string(reason)]))
    }

    private func log(_ result: DeliveryResult) {
        switch result {
        case .sent: context.logger.info("delivery.sent", fields())
        case .retry(let seconds, let error):
            let milliseconds = JSONValue.integer(Int(seconds * 1000))
            context.logger.warning(
                "delivery.retry", fields(["error": .string(error), "retry_in_ms": milliseconds]))
        case .dead(let error): context.logger.error("delivery.dead", fields(["error": .string(error)]))
        case .dropped(let reason):
            context.logger.info("delivery.dropped", fields(["reason": .string(reason)]))
        }
    }

    private func fields(_ further: JSONObject = [:]) -> JSONObject {
        let fields: JSONObject = [
            "delivery_id": .string(record.id.text), "kind": .string(record.kind),
            "destination": .string(record.destinationName), "attempts": .integer(record.attempts),
        ]
        return fields.merging(further)
    }
}
