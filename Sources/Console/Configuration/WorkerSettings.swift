package import Domain
package import HTTPClient
package import Logging

/// What the execution worker is started with: it alone holds the broker's keys.
package struct WorkerSettings: Sendable {
    package let mode: TradingMode
    package let listen: ListenAddress
    package let workerSecret: String?
    package let serverURL: String
    package let apiKey: String
    package let serverPublicKey: String?
    package let workerID: String?
    package let brokerKey: String
    package let brokerSecret: String
    package let brokerURL: String?
    package let brokerDataURL: String?
    package let isLiveTradingEnabled: Bool
    package let egress: EgressPolicy
    package let stateDirectory: String
    package let logLevel: LogLevel

    package init(_ reader: inout SettingsReader) {
        mode = reader.word(.mode, default: TradingMode.paper)
        logLevel = reader.word(.logLevel, default: LogLevel.info)
        listen = reader.address(.listen, default: ListenAddress(host: "127.0.0.1", port: 8090))
        egress = reader.egress()
        workerSecret = reader.webhookSecret()
        serverURL = reader.url(.serverURL, originOnly: true) ?? ClientSettings.usualServerURL
        apiKey =
            reader.required(.apiKey, "a key of scope work; countersign key create --scope work --name w1")
            ?? ""
        serverPublicKey = reader.text(.serverPublicKey)
        workerID = reader.text(.workerID)
        brokerKey = reader.required(.brokerKey, "the worker trades with it") ?? ""
        brokerSecret = reader.required(.brokerSecret, "the worker trades with it") ?? ""
        brokerURL = reader.url(.brokerURL, originOnly: false)
        brokerDataURL = reader.url(.brokerDataURL, originOnly: false)
        isLiveTradingEnabled = reader.flag(.liveTrading)
        stateDirectory = reader.text(.stateDirectory) ?? "var"
        judgeLive(&reader)
    }

    private func judgeLive(_ reader: inout SettingsReader) {
        if mode == .paper, isLiveTradingEnabled {
            reader.problem(
                .liveTrading, "is true, but COUNTERSIGN_MODE is paper: one of the two is a mistake.")
        }
    }
}
