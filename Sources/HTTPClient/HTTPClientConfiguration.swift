/// What all requests of a client have in common.
package struct HTTPClientConfiguration: Sendable {
    package var userAgent: String
    package var egress: EgressPolicy
    /// A PEM file of certificate authorities to trust besides the system's directory.
    package var authoritiesFile: String?
    /// A proxy that decides what may be reached: the egress policy does not see through it.
    ///
    /// Environment variables never set one.
    package var proxyURL: String?
    /// How many transfers run at once; the others wait their turn.
    package var concurrencyLimit: Int
    package var maxResponseHeaderBytes: Int

    package init(
        userAgent: String, egress: EgressPolicy = .publicOnly, authoritiesFile: String? = nil,
        proxyURL: String? = nil, concurrencyLimit: Int = 64, maxResponseHeaderBytes: Int = 65_536
    ) {
        self.userAgent = userAgent
        self.egress = egress
        self.authoritiesFile = authoritiesFile
        self.proxyURL = proxyURL
        self.concurrencyLimit = concurrencyLimit
        self.maxResponseHeaderBytes = maxResponseHeaderBytes
    }
}
