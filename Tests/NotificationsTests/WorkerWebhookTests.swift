import Cryptography
import Domain
import HTTPClient
import HTTPServer
import JSON
import Notifications
import Postgres
import Store
import Testing

@Suite(.timeLimit(.minutes(10))) struct WorkerWebhookTests {
    private let secret = WebhookKey.makeSharedText()
    private let document =
        #"{"approval":{"tier":"standard"},"order":{"id":"o1","qty":"400","symbol":"NVDA"}}"#

    private func key() throws -> SigningKey { try SigningKey(seed: [UInt8](repeating: 9, count: 32)) }

    private func webhook(_ provider: Provider) throws -> WorkerWebhook {
        try WorkerWebhook(
            url: provider.url("/hooks/orders"), secret: secret, signingKey: key(), egress: .publicOnly)
    }

    private func verify(_ request: HTTPRequest, with key: WebhookKey) throws {
        let timestamp = request.headers.first("webhook-timestamp")
        try WebhookVerifier([key]).verify(
            id: request.headers.first("webhook-id"), timestamp: timestamp,
            signature: request.headers.first("webhook-signature"), body: request.body,
            now: Int64(timestamp ?? "") ?? 0)
    }

    @Test func `the worker gets a signed document, on the machine itself too`() async throws {
        let worker = try Provider { _, _ in .empty(status: 202) }
        try await Outbox.with { outbox in
            let order = try await outbox.release(1, document: document, signedBy: key())
            try await outbox.sending(outbox.context(worker: webhook(worker))) { try await outbox.settled(1) }
            let request = try #require(worker.requests.first)
            #expect(request.path == "/hooks/orders")
            #expect(request.headers.first("webhook-id") == order.text)
            try verify(request, with: WebhookKey(secret))
            try verify(request, with: .verifying(key().publicKey))
            let body = try JSONParser.parse(request.body)
            #expect(body["type"] == "order.released")
            let data = try #require(body["data"])
            let signed: JSONValue = ["order": data["order"] ?? .null, "approval": data["approval"] ?? .null]
            #expect(signed.canonical() == document)
            #expect(data["signature"]?["alg"] == "ed25519")
            #expect(data["signature"]?["key_id"] == "k1")
            let signature = try #require(data["signature"]?["value"]?.stringValue.flatMap(Base64.decode))
            #expect(try key().publicKey.verify(signature, of: Array(signed.canonical().utf8)))
        }
    }

    @Test func `a repeat is the same message with a fresh signature`() async throws {
        let worker = try Provider { _, number in number < 3 ? .empty(status: 500) : .empty(status: 409) }
        try await Outbox.with { outbox in
            let order = try await outbox.release(1, document: document, signedBy: key())
            try await outbox.sending(outbox.context(worker: webhook(worker))) { try await outbox.settled(1) }
            #expect(worker.requests.count == 3)
            #expect(Set(worker.requests.map { $0.headers.first("webhook-id") }) == [order.text])
            #expect(Set(worker.requests.map(\.body)).count == 1)
            for request in worker.requests { try verify(request, with: WebhookKey(secret)) }
            #expect(try await outbox.text("SELECT state FROM deliveries") == "sent")
        }
    }

    @Test func `410 ends it, a refusal of ours does not`() async throws {
        let worker = try Provider { _, number in .empty(status: number == 1 ? 401 : 410) }
        try await Outbox.with { outbox in
            _ = try await outbox.release(1, document: document, signedBy: key())
            try await outbox.sending(outbox.context(worker: webhook(worker))) { try await outbox.settled(1) }
            #expect(worker.requests.count == 2)
            #expect(try await outbox.text("SELECT state FROM deliveries") == "dead")
        }
    }

    /// A release that this process took when it was queued.
    private func taken(_ outbox: Outbox, leaseSeconds: Int) async throws -> PushedRelease {
        let order = try await outbox.release(1, document: document, signedBy: key())
        try await outbox.run(
            """
            UPDATE deliveries
            SET attempts = 1, next_attempt_at = clock_timestamp() + interval '\(leaseSeconds) seconds'
            """)
        return try await outbox.pool.withSession { session in
            PushedRelease(
                orderID: order, order: try #require(try ReleasedOrder.find(order, in: session)),
                record: try #require(try DeliveryQueries.find(order, in: session)))
        }
    }

    @Test func `a release that is handed over goes out without waiting for the queue, once`() async throws {
        let worker = try Provider { _, _ in .empty() }
        try await Outbox.with { outbox in
            let release = try await taken(outbox, leaseSeconds: 3600)
            let loop = DeliveryLoop(try outbox.context(worker: webhook(worker)))
            let running = Task { await loop.run() }
            loop.push(release)
            try await outbox.settled(1)
            running.cancel()
            await running.value
            #expect(worker.requests.map { $0.headers.first("webhook-id") } == [release.orderID.text])
            #expect(try await outbox.text("SELECT state FROM deliveries") == "sent")
            #expect(try await outbox.count("SELECT attempts FROM deliveries") == 1)
        }
    }

    @Test func `a release whose handing over fails is tried again from the queue`() async throws {
        let worker = try Provider { _, number in .empty(status: number == 1 ? 500 : 200) }
        try await Outbox.with { outbox in
            let release = try await taken(outbox, leaseSeconds: 3600)
            let loop = DeliveryLoop(try outbox.context(worker: webhook(worker)))
            let running = Task { await loop.run() }
            loop.push(release)
            try await outbox.settled(1)
            running.cancel()
            await running.value
            #expect(worker.requests.count == 2)
            #expect(try await outbox.count("SELECT attempts FROM deliveries") == 2)
        }
    }

    @Test func `what was taken and never sent is found when the lease is over`() async throws {
        let worker = try Provider { _, _ in .empty() }
        try await Outbox.with { outbox in
            _ = try await taken(outbox, leaseSeconds: 1)
            try await outbox.sending(outbox.context(worker: webhook(worker))) { try await outbox.settled(1) }
            #expect(worker.requests.count == 1)
            #expect(try await outbox.count("SELECT attempts FROM deliveries") == 2)
        }
    }

    @Test func `an order that is no longer waiting is not pushed`() async throws {
        let worker = try Provider { _, _ in .empty() }
        try await Outbox.with { outbox in
            let order = try await outbox.release(1, document: document, signedBy: key())
            try await outbox.run(
                "UPDATE orders SET state = 'cancelled', finished_at = now() WHERE id = '\(order)'")
            try await outbox.sending(outbox.context(worker: webhook(worker))) { try await outbox.settled(1) }
            #expect(worker.requests.isEmpty)
            #expect(try await outbox.text("SELECT state FROM deliveries") == "dropped")
        }
    }

    @Test func `chat that hangs does not delay orders, and orders go side by side`() async throws {
        let door = Door()
        let slow = try Provider { _, _ in
            await door.pass()
            return .text("ok")
        }
        let worker = try Provider { _, number in
            if number == 1 { await door.pass() }
            return .empty()
        }
        try await Outbox.with { outbox in
            try await outbox.addChannel(.slack, "slow", secret: slow.url())
            try await outbox.queue(DeliveryRequest(kind: "note-1"))
            for number in 1...3 { _ = try await outbox.release(number, document: document, signedBy: key()) }
            try await outbox.sending(outbox.context(worker: webhook(worker))) {
                try await outbox.settled(2)
                await door.open()
                try await outbox.settled(4)
            }
            #expect(worker.requests.count == 3)
        }
    }
}
