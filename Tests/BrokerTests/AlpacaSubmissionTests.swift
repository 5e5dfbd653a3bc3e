import Broker
import BrokerSimulator
import Domain
import HTTPServer
import JSON
import Testing

/// Sending orders: exactly what was approved, once, and every doubt told as doubt.
@Suite struct AlpacaSubmissionTests {
    private func terms(_ qty: String = "10", _ limit: String = "118.20") throws -> OrderTerms {
        OrderTerms(
            symbol: "NVDA", side: .buy, qty: try decimal(qty), type: .limit, limitPrice: try decimal(limit))
    }

    @Test func `a limit order arrives with every digit and our identity`() async throws {
        try await withSimulator { simulator, broker in
            let order = try await broker.submit(try terms(), clientOrderID: "cs-paper-1")
            #expect(order.clientOrderID == "cs-paper-1")
            let body = try #require(simulator.receivedOrders.first).body
            #expect(body["qty"] == "10")
            #expect(body["limit_price"] == "118.2")
            #expect(body["client_order_id"] == "cs-paper-1")
            #expect(try await broker.order(clientOrderID: "cs-paper-1").id == order.id)
            #expect(try await broker.order(id: order.id).clientOrderID == "cs-paper-1")
        }
    }

    @Test func `a bracket carries both exits and an oto one`() async throws {
        try await withSimulator { simulator, broker in
            simulator.setPrice("NVDA", try decimal("118"))
            var bracket = try terms()
            bracket.stopLoss = StopLoss(stopPrice: try decimal("108.5"))
            bracket.takeProfitLimitPrice = try decimal("140")
            let sent = try await broker.submit(bracket, clientOrderID: "cs-paper-b")
            let order = try await broker.order(clientOrderID: sent.clientOrderID)
            #expect(order.legs.count == 2)
            #expect(order.json["order_class"] == "bracket")
            var oto = try terms("5")
            oto.stopLoss = StopLoss(stopPrice: try decimal("108.5"), limitPrice: try decimal("108"))
            _ = try await broker.submit(oto, clientOrderID: "cs-paper-o")
            #expect(try await broker.order(clientOrderID: "cs-paper-o").legs.count == 1)
        }
    }

    @Test func `the same identity a second time is told as a duplicate`() async throws {
        try await withSimulator { simulator, broker in
            _ = try await broker.submit(try terms(), clientOrderID: "cs-paper-1")
            let error = await #expect(throws: BrokerError.self) {
                _ = try await broker.submit(try terms(), clientOrderID: "cs-paper-1")
            }
            #expect(error?.kind == .duplicateClientOrderID)
            #expect(error?.provesNothingWasDone == false)
            #expect(simulator.receivedOrders.count == 2)
        }
    }

    @Test(arguments: [
        Fault.timeoutAfterAcceptance, .dropAfterAcceptance, .dropBeforeAcceptance, .internalError,
    ])
    func `doubt stays doubt and nothing is sent twice`(_ fault: Fault) async throws {
        try await withSimulator { simulator, broker in
            simulator.arm(fault)
            let error = await #expect(throws: BrokerError.self) {
                _ = try await broker.submit(try terms(), clientOrderID: "cs-paper-1")
            }
            #expect(error?.kind == .outcomeUnknown)
            #expect(error?.provesNothingWasDone == false)
            #expect(simulator.receivedOrders.count == 1)
        }
    }

    @Test func `an answer that breaks off is doubt`() async throws {
        try await withSimulator { simulator, broker in
            simulator.arm(Fault(.truncate))
            let error = await #expect(throws: BrokerError.self) {
                _ = try await broker.submit(try terms(), clientOrderID: "cs-paper-1")
            }
            #expect(error?.kind == .outcomeUnknown)
            let found = try await broker.order(clientOrderID: "cs-paper-1")
            #expect(found.symbol == "NVDA")
        }
    }

    @Test func `a refusal is final and keeps the broker's words`() async throws {
        try await withSimulator { simulator, broker in
            simulator.arm(.refusal(status: 403, code: 40_310_000, message: "insufficient buying power"))
            let error = await #expect(throws: BrokerError.self) {
                _ = try await broker.submit(try terms(), clientOrderID: "cs-paper-1")
            }
            #expect(error?.kind == .rejected(status: 403, code: 40_310_000))
            #expect(error?.provesNothingWasDone == true)
            #expect(error?.message.contains("insufficient buying power") == true)
        }
    }

    @Test func `a rate limit means nothing was done`() async throws {
        let server = try CannedServer { _ in
            HTTPResponse.json(#"{"code":42910000,"message":"rate limit exceeded"}"#, status: 429)
                .header("Retry-After", "7")
        }
        let error = await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).submit(try terms(), clientOrderID: "x")
        }
        #expect(error?.kind == .rateLimited(retryAfterSeconds: 7))
        #expect(error?.provesNothingWasDone == true)
        #expect(server.requests.count == 1)
        await server.stop()
    }

    @Test(arguments: [200, 201, 302, 408, 409, 500, 502, 504])
    func `what is no clear word of the broker is doubt`(_ status: Int) async throws {
        let server = try CannedServer { _ in HTTPResponse.html("<h1>gateway</h1>", status: status) }
        let error = await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).submit(try terms(), clientOrderID: "x")
        }
        #expect(error?.kind == .outcomeUnknown)
        #expect(server.requests.count == 1)
        await server.stop()
    }

    @Test func `another order in the answer is doubt`() async throws {
        let server = try CannedServer { _ in
            .json(
                #"{"id":"a","client_order_id":"other","symbol":"NVDA","status":"new","filled_qty":"0"}"#)
        }
        let error = await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: server.url).submit(try terms(), clientOrderID: "mine")
        }
        #expect(error?.kind == .outcomeUnknown)
        await server.stop()
    }

    @Test func `a closed port means that nothing was sent`() async throws {
        let server = try CannedServer { _ in .empty() }
        let url = server.url
        await server.stop()
        let error = await #expect(throws: BrokerError.self) {
            _ = try await alpaca(at: url).submit(try terms(), clientOrderID: "x")
        }
        #expect(error?.kind == .unreachable)
        #expect(error?.provesNothingWasDone == true)
    }

    @Test func `a slow answer is doubt`() async throws {
        try await withSimulator { simulator, _ in
            var error: BrokerError?
            // On a busy machine the time may be up before anything is sent.
            for seconds in [0.3, 2, 20] where error?.kind != .outcomeUnknown {
                simulator.arm(Fault(.delay(milliseconds: Int(seconds * 10_000))))
                error = await #expect(throws: BrokerError.self) {
                    _ = try await alpaca(at: simulator.url, timeoutSeconds: seconds)
                        .submit(try terms(), clientOrderID: "x")
                }
            }
            #expect(error?.kind == .outcomeUnknown)
        }
    }

    @Test func `no error and no description shows the keys`() async throws {
        let server = try CannedServer { _ in .json("{}", status: 401) }
        let client = alpaca(at: server.url)
        let error = await #expect(throws: BrokerError.self) { _ = try await client.account() }
        #expect(error?.kind == .unauthorised)
        #expect(server.requests.first?.headers.first("APCA-API-SECRET-KEY") == "secret-of-the-test")
        #expect(!"\(String(describing: error))".contains("secret-of-the-test"))
        await server.stop()
    }
}
