import Foundation
import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct TLSTests {
    @Test func `a certificate nobody vouches for is refused and nothing is sent`() async throws {
        let server = try TLSServer()
        let error = await failure(of: HTTPClientRequest(.post, server.url(), body: [1]))
        #expect(error?.kind == .tls)
        #expect(error?.sent == .no)
        #expect(error?.message.contains("certificate") == true)
    }

    @Test func `with its authority's certificate it is accepted`() async throws {
        let server = try TLSServer()
        let client = makeClient(authoritiesFile: server.authoritiesFile)
        let response = try await client.send(HTTPClientRequest(.get, server.url()))
        #expect(response.status == 200)
        #expect(response.text.contains("TLSv1.3"))
    }

    @Test func `a certificate for another name is refused`() async throws {
        let server = try TLSServer(name: "DNS:other.example")
        let client = makeClient(authoritiesFile: server.authoritiesFile)
        let error = await failure(of: HTTPClientRequest(.post, server.url()), client)
        #expect(error?.kind == .tls)
        #expect(error?.sent == .no)
    }

    @Test func `a certificate that has expired is refused`() async throws {
        let server = try TLSServer(days: 0)
        // Valid for no time at all: from now until now.
        let client = makeClient(authoritiesFile: server.authoritiesFile)
        while try await isAccepted(server, client) { await Task.yield() }
        let error = await failure(of: HTTPClientRequest(.post, server.url()), client)
        #expect(error?.kind == .tls)
    }

    private func isAccepted(_ server: TLSServer, _ client: HTTPClient) async throws -> Bool {
        await failure(of: HTTPClientRequest(.post, server.url()), client) == nil
    }

    @Test(arguments: [("-tls1_2", true), ("-tls1_1", false), ("-tls1", false)])
    func `TLS is at least 1.2`(version: String, isAccepted: Bool) async throws {
        let server = try TLSServer(options: ["-www", version, "-cipher", "ALL:@SECLEVEL=0"])
        let client = makeClient(authoritiesFile: server.authoritiesFile)
        let error = await failure(of: HTTPClientRequest(.get, server.url()), client)
        #expect(error?.kind == (isAccepted ? nil : .tls))
        if !isAccepted { #expect(error?.sent == .no) }
    }

    @Test func `a server that speaks no TLS is refused`() async throws {
        let server = try RawServer { connection, _ in connection.write("HTTP/1.1 200 OK\r\n\r\n") }
        let error = await failure(of: HTTPClientRequest(.post, "https://127.0.0.1:\(server.port)/"))
        #expect(error?.kind == .tls)
        #expect(error?.sent == .no)
    }

    @Test func `a file of authorities that is not there trusts nobody`() async throws {
        let server = try TLSServer()
        let client = makeClient(authoritiesFile: "/nonexistent/authorities.pem")
        let error = await failure(of: HTTPClientRequest(.post, server.url()), client)
        #expect(error?.kind == .tls)
        #expect(error?.sent == .no)
    }
}
