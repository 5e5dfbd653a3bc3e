package import JSON

/// Something that goes wrong with the next requests that match.
package struct Fault: Sendable, Hashable {
    /// What goes wrong.
    package enum Effect: Sendable, Hashable {
        /// The request waits before anything is done.
        case delay(milliseconds: Int)
        /// The answer is this one; `performs` says whether the request is carried out nevertheless.
        case answer(status: Int, body: JSONValue?, headers: [String: String], performs: Bool)
        /// The connection is cut without an answer.
        case drop(performs: Bool)
        /// The request is carried out and the answer breaks off in the middle.
        case truncate
    }

    package let effect: Effect
    /// The method it applies to, such as POST; nil for all.
    package var method: String?
    /// The path it applies to; with a `*` at the end, every path that begins so.
    package var path: String
    /// Only requests whose body names this symbol.
    package var symbol: String?
    /// How many matching requests pass before it strikes.
    package var skip: Int
    /// How many matching requests it strikes.
    package var times: Int

    /// A fault, by default of the next order that is sent.
    package init(
        _ effect: Effect, method: String? = "POST", path: String = "/v2/orders", symbol: String? = nil,
        skip: Int = 0, times: Int = 1
    ) {
        self.effect = effect
        self.method = method
        self.path = path
        self.symbol = symbol
        self.skip = skip
        self.times = times
    }

    /// The order is taken and the gateway answers 504: its outcome is unknown to the client.
    package static let timeoutAfterAcceptance = Fault(
        .answer(status: 504, body: nil, headers: [:], performs: true))
    /// The order is taken and the connection cut.
    package static let dropAfterAcceptance = Fault(.drop(performs: true))
    /// The connection is cut and nothing is done.
    package static let dropBeforeAcceptance = Fault(.drop(performs: false))
    /// Nothing is done and the answer is 429.
    package static let rateLimit = Fault(.answer(status: 429, body: nil, headers: [:], performs: false))
    /// Nothing is done and the answer is 500.
    package static let internalError = Fault(.answer(status: 500, body: nil, headers: [:], performs: false))

    /// Nothing is done and the answer is a refusal in Alpaca's form.
    package static func refusal(status: Int, code: Int, message: String) -> Fault {
        let body: JSONValue = ["code": .integer(code), "message": .string(message)]
        return Fault(.answer(status: status, body: body, headers: [:], performs: false))
    }
}

extension Fault {
    /// Reads `{"kind":"answer","status":504,"performs":true,"path":"/v2/orders","times":2,…}`.
    init(_ json: JSONValue) throws(BrokerRejection) {
        guard let kind = json["kind"]?.stringValue, let effect = Self.effect(kind, json) else {
            throw .badParameter("kind must be delay, answer, drop or truncate, with what belongs to it")
        }
        self.init(
            effect, method: json["method"]?.stringValue?.uppercased() ?? "POST",
            path: json["path"]?.stringValue ?? "/v2/orders", symbol: json["symbol"]?.stringValue,
            skip: max(0, json["skip"]?.intValue ?? 0), times: max(1, json["times"]?.intValue ?? 1))
        if method == "*" { method = nil }
    }

    private static func effect(_ kind: String, _ json: JSONValue) -> Effect? {
        let performs = json["performs"]?.boolValue ?? false
        switch kind {
        case "delay":
            return json["milliseconds"]?.intValue.map { .delay(milliseconds: min(max(0, $0), 60_000)) }
        case "answer":
            guard let status = json["status"]?.intValue, (200...599).contains(status) else { return nil }
            var headers: [String: String] = [:]
            for member in json["headers"]?.objectValue?.members ?? [] {
                headers[member.key] = member.value.stringValue
            }
            return .answer(status: status, body: json["body"], headers: headers, performs: performs)
        case "drop": return .drop(performs: performs)
        case "truncate": return .truncate
        default: return nil
        }
    }

    /// The fault in words, for the evidence.
    var name: String {
        switch effect {
        case .delay(let milliseconds): "delay \(milliseconds) ms"
        case .answer(let status, _, _, let performs): "\(status) \(performs ? "after" : "before") acceptance"
        case .drop(let performs): "drop \(performs ? "after" : "before") acceptance"
        case .truncate: "truncated answer"
        }
    }
}

/// The faults that are armed.
struct FaultTable: Sendable {
    private(set) var faults: [Fault] = []

    mutating func add(_ fault: Fault) { faults.append(fault) }
    mutating func removeAll() { faults = [] }

    /// Takes what strikes this request: every delay that matches, and the first other fault.
    mutating func take(method: String, path: String, symbol: String?) -> [Fault] {
        var struck: [Fault] = []
        var isDecided = false
        for index in faults.indices where faults[index].matches(method: method, path: path, symbol: symbol) {
            if faults[index].skip > 0 {
                faults[index].skip -= 1
                continue
            }
            if case .delay = faults[index].effect {
            } else if isDecided {
                continue
            } else {
                isDecided = true
            }
            struck.append(faults[index])
            faults[index].times -= 1
        }
        faults.removeAll { $0.times <= 0 }
        return struck
    }
}

extension Fault {
    fileprivate func matches(method: String, path: String, symbol: String?) -> Bool {
        if let wanted = self.method, wanted != method { return false }
        if let wanted = self.symbol, wanted != symbol { return false }
        guard self.path.hasSuffix("*") else { return self.path == path }
        return path.hasPrefix(self.path.dropLast())
    }
}
