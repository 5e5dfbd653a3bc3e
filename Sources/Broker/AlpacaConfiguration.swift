/// Where the broker is and who asks.
package struct AlpacaConfiguration: Sendable {
    /// Such as `https://paper-api.alpaca.markets`, without a slash at the end.
    package let tradingURL: String
    /// Such as `https://data.alpaca.markets`.
    package let dataURL: String
    /// How long one request may take, from its start to the end of its answer.
    package let timeoutSeconds: Double
    let headers: [(String, String)]

    /// A configuration; the data's address is the broker's own by default.
    package init(
        keyID: String, secretKey: String, tradingURL: String, dataURL: String = defaultDataURL,
        timeoutSeconds: Double = 10
    ) {
        self.tradingURL = Self.trimmed(tradingURL)
        self.dataURL = Self.trimmed(dataURL)
        self.timeoutSeconds = timeoutSeconds
        headers = [
            ("APCA-API-KEY-ID", keyID), ("APCA-API-SECRET-KEY", secretKey), ("Accept", "application/json"),
        ]
    }

    /// Where quotes come from by default.
    package static let defaultDataURL = "https://data.alpaca.markets"

    private static func trimmed(_ url: String) -> String {
        var url = url
        while url.hasSuffix("/") { url.removeLast() }
        // The broker's own libraries write the version into the address; the paths here have it.
        return url.hasSuffix("/v2") ? String(url.dropLast(3)) : url
    }
}

extension AlpacaConfiguration: CustomStringConvertible, CustomDebugStringConvertible {
    /// The address; never the keys.
    package var description: String { tradingURL }
    package var debugDescription: String { tradingURL }
}
