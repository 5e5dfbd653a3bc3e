import Cryptography
import HTTPClient

/// Reads settings into values, and gathers everything that is wrong with them.
package struct SettingsReader {
    let raw: RawSettings
    package private(set) var problems: [String]
    /// What is allowed but deserves a look.
    package private(set) var notes: [String] = []

    package init(_ raw: RawSettings) {
        self.raw = raw
        problems = raw.problems
    }

    mutating func problem(_ setting: Setting, _ words: String) { problems.append("\(setting.name) \(words)") }

    mutating func note(_ words: String) { notes.append(words) }

    func text(_ setting: Setting) -> String? { raw[setting] }

    mutating func required(_ setting: Setting, _ why: String) -> String? {
        if let text = raw[setting] { return text }
        problem(setting, "is missing: \(why).")
        return nil
    }

    mutating func word<Word: RawRepresentable & CaseIterable>(
        _ setting: Setting, default standard: Word
    ) -> Word where Word.RawValue == String {
        guard let text = raw[setting] else { return standard }
        if let word = Word(rawValue: text) { return word }
        problem(setting, "must be \(Word.allCases.map(\.rawValue).joined(separator: " or ")), not \(text).")
        return standard
    }

    mutating func flag(_ setting: Setting) -> Bool {
        switch raw[setting] {
        case nil, "false": return false
        case "true": return true
        case .some(let text):
            problem(setting, "must be true or false, not \(text).")
            return false
        }
    }

    mutating func address(_ setting: Setting, default standard: ListenAddress) -> ListenAddress {
        guard let text = raw[setting] else { return standard }
        if let address = ListenAddress(text) { return address }
        problem(setting, "must be HOST:PORT such as 127.0.0.1:8080 or [::1]:8080, not \(text).")
        return standard
    }

    /// An `http` or `https` address; without path, query and credentials where only the origin is meant.
    mutating func url(_ setting: Setting, originOnly: Bool) -> String? {
        guard let text = raw[setting] else { return nil }
        guard let url = WebAddress(text) else {
            problem(setting, "must be an address such as https://desk.example.com.")
            return nil
        }
        if originOnly, !url.isOrigin {
            problem(setting, "must be scheme, host and port alone, such as https://desk.example.com:8443.")
            return nil
        }
        return originOnly ? url.origin : text
    }

    mutating func egress() -> EgressPolicy {
        guard let text = raw[.allowPrivateTargets] else { return .publicOnly }
        do {
            return try EgressPolicy(parsing: text)
        } catch {
            problem(.allowPrivateTargets, "is not a list of blocks such as 10.0.0.0/8, fd00::/8: \(error)")
            return .publicOnly
        }
    }

    /// A whole number within bounds.
    mutating func integer(_ setting: Setting, in range: ClosedRange<Int>, default standard: Int) -> Int {
        guard let text = raw[setting] else { return standard }
        if let number = Int(text), range.contains(number) { return number }
        problem(
            setting, "must be a whole number from \(range.lowerBound) to \(range.upperBound), not \(text).")
        return standard
    }

    /// Proxies that are believed; everybody is never a proxy.
    mutating func proxies() -> [CIDR] {
        guard let text = raw[.trustedProxies] else { return [] }
        do {
            let blocks = try CIDR.list(text)
            guard !blocks.contains(where: { $0.prefixLength == 0 }) else {
                problem(.trustedProxies, "must name your proxies, not every address there is.")
                return []
            }
            return blocks
        } catch {
            problem(.trustedProxies, "is not a list of blocks such as 127.0.0.1, 10.0.0.0/8: \(error)")
            return []
        }
    }

    mutating func webhookSecret() -> String? {
        guard let text = raw[.workerSecret] else { return nil }
        do {
            if case .shared = try WebhookKey(text) { return text }
            problem(.workerSecret, "must be a shared secret: whsec_ and Base64.")
        } catch {
            problem(
                .workerSecret,
                "cannot be used: \(error.message). Make one: echo \"whsec_$(openssl rand -base64 32)\".")
        }
        return nil
    }

    mutating func masterKey() -> SecretBytes? {
        guard let text = raw[.secretKey] else { return nil }
        if let bytes = Hex.decode(text) ?? Base64.decode(text) ?? Base64URL.decode(text), bytes.count == 32 {
            if Set(bytes).count > 1 { return SecretBytes(bytes) }
            problem(.secretKey, "is one byte repeated; make one with: openssl rand -hex 32.")
            return nil
        }
        problem(.secretKey, "must be 32 bytes as 64 hexadecimal digits or Base64: openssl rand -hex 32.")
        return nil
    }
}
