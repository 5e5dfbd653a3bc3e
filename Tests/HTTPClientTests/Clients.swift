import Glibc
import HTTPClient

/// Proxies in the environment that lead nowhere: whoever heeded them would fail every test.
private let hostileEnvironment: Void = {
    for name in ["http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        setenv(name, "http://127.0.0.1:1", 1)
    }
}()

/// A client that may reach the machine itself.
func makeClient(
    egress: EgressPolicy = .publicOnly.allowingLoopback, authoritiesFile: String? = nil,
    proxyURL: String? = nil, concurrencyLimit: Int = 64
) -> HTTPClient {
    _ = hostileEnvironment
    return HTTPClient(
        configuration: HTTPClientConfiguration(
            userAgent: "Tester/1.0", egress: egress, authoritiesFile: authoritiesFile, proxyURL: proxyURL,
            concurrencyLimit: concurrencyLimit))
}

/// The error of a request that must fail.
func failure(
    of request: HTTPClientRequest, _ client: HTTPClient = makeClient()
) async -> HTTPClientError? {
    do {
        _ = try await client.send(request)
        return nil
    } catch {
        return error
    }
}

/// The error of a mail that must not be taken.
func mailFailure(
    of message: SMTPMessage, through server: SMTPServer, _ client: SMTPClient
) async -> SMTPError? {
    do {
        try await client.send(message, through: server)
        return nil
    } catch {
        return error
    }
}
