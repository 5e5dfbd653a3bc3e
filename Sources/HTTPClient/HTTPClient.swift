import CCurl

/// Sends HTTP requests: TLS verified, no redirects, nothing repeated unless it may be, limits on everything, guarded egress.
///
/// All transfers of a client run on one thread of its own and share its idle connections, so make few clients and
/// keep them. Callers that must not let one slow host use up the concurrency limit bound themselves per host.
package final class HTTPClient: Sendable {
    private let configuration: HTTPClientConfiguration
    private let loop: TransferLoop

    package init(configuration: HTTPClientConfiguration) {
        self.configuration = configuration
        loop = TransferLoop(concurrencyLimit: configuration.concurrencyLimit)
    }

    deinit { loop.stop() }

    /// The response, whatever its status; throws when there is none.
    package func send(_ request: HTTPClientRequest) async throws(HTTPClientError) -> HTTPClientResponse {
        let target = try target(of: request)
        let transfer: Transfer
        do {
            transfer = try makeTransfer(request, target)
        } catch {
            throw HTTPClientError(
                .unavailable, sent: .no,
                "libcurl refused option \(error.option.rawValue) for \(target.origin).")
        }
        let outcome = await loop.outcome(of: transfer)
        return try response(outcome, target)
    }

    private func target(of request: HTTPClientRequest) throws(HTTPClientError) -> TargetURL {
        guard let target = TargetURL(request.url, schemes: ["http", "https"]) else {
            throw HTTPClientError(
                .invalidRequest, sent: .no,
                "The URL cannot be used: it must be a complete http:// or https:// address.")
        }
        for (name, value) in request.headers + [("User-Agent", configuration.userAgent)] {
            guard let objection = HeaderRules.objection(name: name, value: value) else { continue }
            throw HTTPClientError(
                .invalidRequest, sent: .no, "The request to \(target.origin) cannot be sent: \(objection).")
        }
        return target
    }

    private func makeTransfer(
        _ request: HTTPClientRequest, _ target: TargetURL
    ) throws(OptionRefused) -> Transfer {
        let limits = Transfer.Limits(
            maxHeaderBytes: configuration.maxResponseHeaderBytes, maxBodyBytes: request.maxResponseBytes,
            egress: configuration.proxyURL == nil ? request.egress ?? configuration.egress : nil)
        let transfer = try Transfer(limits, lists: [(CURLOPT_HTTPHEADER, headerLines(request))])
        try setConnection(transfer, request, target)
        try setMethod(transfer, request)
        return transfer
    }

    private func headerLines(_ request: HTTPClientRequest) -> [String] {
        let names = Set(request.headers.map { $0.0.lowercased() })
        // libcurl adds these two by itself unless told not to.
        let unwanted = ["Expect:"] + (names.contains("content-type") ? [] : ["Content-Type:"])
        return request.headers.map { HeaderRules.line($0.0, $0.1) } + unwanted
    }

    private func setConnection(
        _ transfer: borrowing Transfer, _ request: HTTPClientRequest, _ target: TargetURL
    ) throws(OptionRefused) {
        try transfer.easy.set(CURLOPT_URL, target.text)
        try transfer.easy.set(CURLOPT_PROTOCOLS_STR, "http,https")
        try transfer.easy.set(CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1)
        try transfer.easy.set(CURLOPT_USERAGENT, configuration.userAgent)
        try transfer.easy.set(CURLOPT_TIMEOUT_MS, milliseconds(request.timeoutSeconds))
        try transfer.easy.set(CURLOPT_CONNECTTIMEOUT_MS, milliseconds(request.connectTimeoutSeconds))
        // The head of a HEAD's answer tells the length of a body that will not come.
        if request.method != .head {
            try transfer.easy.set(CURLOPT_MAXFILESIZE_LARGE, offset: max(request.maxResponseBytes, 1))
        }
        try transfer.easy.set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
        // libcurl repeats any request, POST too, when a kept connection turns out to be dead.
        if request.once { try transfer.easy.set(CURLOPT_FRESH_CONNECT, 1) }
        if let file = configuration.authoritiesFile { try transfer.easy.set(CURLOPT_CAINFO, file) }
        if let proxy = configuration.proxyURL { try transfer.easy.set(CURLOPT_PROXY, proxy) }
    }

    private func setMethod(
        _ transfer: borrowing Transfer, _ request: HTTPClientRequest
    ) throws(OptionRefused) {
        switch request.method {
        case .get where request.body.isEmpty: try transfer.easy.set(CURLOPT_HTTPGET, 1)
        case .head: try transfer.easy.set(CURLOPT_NOBODY, 1)
        case .post:
            try transfer.easy.set(CURLOPT_POST, 1)
            try transfer.easy.setBody(request.body)
        case .delete where request.body.isEmpty:
            try transfer.easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
        case .get, .put, .patch, .delete:
            try transfer.easy.set(CURLOPT_CUSTOMREQUEST, request.method.rawValue)
            try transfer.easy.setBody(request.body)
        }
    }

    private func response(
        _ outcome: TransferOutcome, _ target: TargetURL
    ) throws(HTTPClientError) -> HTTPClientResponse {
        if let kind = outcome.failure {
            let status = outcome.responseCode > 0 ? outcome.responseCode : nil
            let message = kind.explanation(host: target.origin, outcome)
            throw HTTPClientError(kind, sent: outcome.sent, status: status, message)
        }
        guard (200...599).contains(outcome.responseCode) else {
            let message = HTTPClientError.Kind.malformed.explanation(host: target.origin, outcome)
            throw HTTPClientError(.malformed, sent: outcome.sent, message)
        }
        let head = outcome.lines.lastIndex { $0.starts(with: Array("HTTP/".utf8)) } ?? 0
        return HTTPClientResponse(
            status: outcome.responseCode,
            headers: HTTPClientResponse.headers(from: Array(outcome.lines.dropFirst(head + 1))),
            body: outcome.body)
    }
}

/// libcurl takes 0 for "no limit": the shortest time is one millisecond, the longest a day.
func milliseconds(_ seconds: Double) -> Int {
    Int(min(max(seconds * 1_000, 1), 86_400_000))
}
