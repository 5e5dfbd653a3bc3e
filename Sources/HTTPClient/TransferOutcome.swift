import CCurl

/// How a transfer ended, before anybody puts it into words.
struct TransferOutcome: Sendable {
    var code = CURLE_OK
    /// libcurl's own sentence; may name the host.
    var detail = ""
    var responseCode = 0
    /// Whether the connection was ready and the request began to leave.
    var hasStarted = false
    /// Whether libcurl has taken all that was to be uploaded.
    var hasSentUpload = false
    var hasOverflowed = false
    var blocked: (address: String, reason: String)?
    /// The lines of all heads, interim ones included.
    var lines: [[UInt8]] = []
    var body: [UInt8] = []

    /// The kind of failure, or nil for none.
    var failure: HTTPClientError.Kind? {
        if code == CURLE_OK { return nil }
        if hasOverflowed { return .tooLarge }
        if !hasStarted, let blocked, code == CURLE_COULDNT_CONNECT || code == CURLE_ABORTED_BY_CALLBACK {
            return .blocked(address: blocked.address)
        }
        switch code {
        case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: return .resolve
        case CURLE_COULDNT_CONNECT, CURLE_INTERFACE_FAILED: return .connect
        case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CERTPROBLEM,
            CURLE_SSL_CIPHER, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_ISSUER_ERROR, CURLE_SSL_CRL_BADFILE,
            CURLE_SSL_INVALIDCERTSTATUS, CURLE_USE_SSL_FAILED, CURLE_SSL_ENGINE_INITFAILED:
            return .tls
        case CURLE_OPERATION_TIMEDOUT: return .timedOut
        case CURLE_FILESIZE_EXCEEDED: return .tooLarge
        case CURLE_UNSUPPORTED_PROTOCOL, CURLE_WEIRD_SERVER_REPLY, CURLE_BAD_CONTENT_ENCODING:
            return .malformed
        case CURLE_ABORTED_BY_CALLBACK: return .cancelled
        case CURLE_URL_MALFORMAT: return .invalidRequest
        case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT, CURLE_NOT_BUILT_IN, CURLE_BAD_FUNCTION_ARGUMENT:
            return .unavailable
        default: return hasStarted ? .interrupted : .connect
        }
    }

    /// Whether the request may have reached the peer.
    var sent: HTTPClientError.Sent { hasStarted ? .maybe : .no }
}

extension HTTPClientError.Kind {
    /// What happened and what to do about it, for a host that may be shown.
    func explanation(host: String, _ outcome: TransferOutcome) -> String {
        let detail =
            outcome.detail.isEmpty ? String(cString: curl_easy_strerror(outcome.code)) : outcome.detail
        switch self {
        case .invalidRequest: return "The request to \(host) cannot be sent: \(detail)."
        case .resolve: return "\(host) has no address: check the name, and this machine's DNS."
        case .connect:
            return "\(host) does not accept connections (\(detail)): check host, port and firewall."
        case .tls:
            return
                "No trusted encrypted connection to \(host) (\(detail)): check its certificate and the time here."
        case .blocked(let address):
            let reason = outcome.blocked?.reason ?? "not public"
            return
                "\(host) is at \(address), which is \(reason), so nothing was sent. If it is meant, add \(address) "
                + "to \(EgressPolicy.settingName)."
        case .timedOut:
            return outcome.hasStarted
                ? "\(host) did not answer in time; it may have acted on the request."
                : "\(host) could not be reached in time; nothing was sent."
        case .tooLarge: return "The response of \(host) is longer than allowed and was dropped."
        case .malformed: return "What \(host) answered is not HTTP: check that the URL is right."
        case .interrupted: return "\(host) closed the connection before its response was complete."
        case .cancelled: return "The request to \(host) was cancelled."
        case .unavailable: return "libcurl could not be set up for \(host): \(detail)."
        }
    }
}
