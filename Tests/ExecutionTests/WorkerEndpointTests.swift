import Broker
import BrokerSimulator
import Cryptography
import Domain
import Execution
import HTTPServer
import JSON
import Testing

/// The webhook: only the server's own message wakes the worker, and it may come as often as it likes.
@Suite struct WorkerEndpointTests {
    private static let secret = WebhookKey.makeSharedText()

    private func message(
        _ bench: Bench, id: String = FakeServer.orderID, secret: String = secret, age: Int = 0,
        ownKey: SigningKey? = nil, type: String = "order.released", data: JSONValue? = nil
    ) throws -> HTTPRequest {
        let body = (["type": .string(type), "data": data ?? bench.server.document()] as JSONValue).bytes()
        let signer = try WebhookSigner([WebhookKey(secret), .signing(ownKey ?? bench.server.key)])
        let at = bench.clock.now.adding(seconds: -age).microseconds / 1_000_000
        var headers = HTTPHeaders()
        for (name, value) in try signer.headers(id: id, timestamp: at, body: body) {
            headers.add(name, value)
        }
        return try HTTPRequest(.post, "/", headers: headers, body: body)
    }

    private func withEndpoint(
        _ body: (Bench, ExecutionWorker, WorkerEndpoint) async throws -> Void
    ) async throws {
        try await Bench.with { bench in
            let worker = bench.worker()
            let clock = bench.clock
            let endpoint = try WorkerEndpoint(
                secret: Self.secret, worker: worker, mode: .paper, now: { clock.now })
            try await body(bench, worker, endpoint)
        }
    }

    @Test func `a message and its repetitions are acknowledged, and the order goes out once`() async throws {
        try await withEndpoint { bench, worker, endpoint in
            #expect(await endpoint.receive(try message(bench)).status == 503)
            await worker.step()
            for _ in 0..<3 {
                let answer = await endpoint.receive(try message(bench))
                #expect(answer.status == 200)
                #expect(String(decoding: answer.bodyBytes, as: UTF8.self).contains(FakeServer.orderID))
                await worker.step()
            }
            #expect(bench.arrivals == 1)
        }
    }

    @Test func `what is forged, old, altered or for somebody else is refused`() async throws {
        try await withEndpoint { bench, worker, endpoint in
            await worker.step()
            let stranger = try SigningKey(seed: [UInt8](repeating: 1, count: 32))
            let other = WebhookKey.makeSharedText()
            #expect(await endpoint.receive(try message(bench, secret: other)).status == 401)
            #expect(await endpoint.receive(try message(bench, ownKey: stranger)).status == 401)
            #expect(await endpoint.receive(try message(bench, age: 3600)).status == 401)
            #expect(await endpoint.receive(try message(bench, id: "another")).status == 400)
            #expect(
                await endpoint.receive(try message(bench, data: bench.server.document(mode: "live"))).status
                    == 422)
            #expect(await endpoint.receive(try message(bench, type: "proposal.decided")).status == 200)
            let naked = try HTTPRequest(.post, "/", body: Array("{}".utf8))
            #expect(await endpoint.receive(naked).status == 401)
        }
    }
}
