package import HTTPClient
package import Logging

/// What the server is started with.
package struct ServerSettings: Sendable {
    package let database: DatabaseSettings
    package let listen: ListenAddress
    /// Where people reach it: an origin.
    package let publicURL: String
    package let workerURL: String?
    package let workerSecret: String?
    package let egress: EgressPolicy
    /// Certificate authorities that channels and the worker's webhook trust besides the system's.
    package let authoritiesFile: String?
    /// What draws charts; nil for where Debian has it.
    package let plotProgram: String?
    package let logLevel: LogLevel
    /// Proxies whose word on the client's address is believed.
    package let trustedProxies: [CIDR]
    package let sessionSeconds: Int
    package let sessionIdleSeconds: Int

    package init(_ reader: inout SettingsReader) {
        database = DatabaseSettings(&reader)
        logLevel = reader.word(.logLevel, default: LogLevel.info)
        listen = reader.address(.listen, default: ListenAddress(host: "127.0.0.1", port: 8080))
        egress = reader.egress()
        authoritiesFile = reader.text(.authoritiesFile)
        plotProgram = reader.text(.plotProgram)
        workerURL = reader.url(.workerURL, originOnly: false)
        workerSecret = reader.webhookSecret()
        publicURL = Self.publicURL(&reader, listen)
        trustedProxies = reader.proxies()
        sessionSeconds = reader.integer(.sessionHours, in: 1...24, default: 12) * 3600
        sessionIdleSeconds = reader.integer(.sessionIdleMinutes, in: 5...1440, default: 120) * 60
        if workerURL != nil, reader.text(.workerSecret) == nil {
            reader.problem(
                .workerSecret, "is missing: what is sent to COUNTERSIGN_WORKER_URL is signed with it.")
        }
    }

    private static func publicURL(_ reader: inout SettingsReader, _ listen: ListenAddress) -> String {
        guard reader.text(.publicURL) != nil else {
            if listen.isEverywhere {
                reader.problem(
                    .publicURL,
                    "is missing: with COUNTERSIGN_LISTEN \(listen), links need to know where they lead.")
            }
            return listen.url
        }
        guard let url = reader.url(.publicURL, originOnly: true) else { return listen.url }
        if let address = WebAddress(url), address.scheme == "http", !address.isLoopback {
            reader.note(
                "COUNTERSIGN_PUBLIC_URL is not https: PINs and sessions travel readable by anybody on the way."
            )
        }
        return url
    }
}
