import Console
import JSON

/// The fields of a proposal as options of `propose`.
enum ProposalFlags {
    private struct Field {
        /// The option's name; with underscores it is the field's.
        let option: String
        let placeholder: String
        let help: String
        /// Where it stands in the document, when it is not at the top.
        let path: [String]
        let isNumber: Bool

        init(
            _ option: String, _ placeholder: String, _ help: String, path: [String] = [],
            isNumber: Bool = false
        ) {
            self.option = option
            self.placeholder = placeholder
            self.help = help
            self.path = path.isEmpty ? [option.replacing("-", with: "_")] : path
            self.isNumber = isNumber
        }
    }

    private static let fields = [
        Field("symbol", "SYMBOL", "what to trade (needed)"),
        Field("side", "WORD", "buy or sell (needed)"),
        Field("qty", "NUMBER", "how many shares"),
        Field("size", "auto", "in place of --qty: let the policy find the quantity"),
        Field("type", "WORD", "limit, market, stop or stop_limit (needed)"),
        Field("limit-price", "PRICE", "the limit of a limit or stop_limit order"),
        Field("stop-price", "PRICE", "the price that sets a stop or stop_limit order off"),
        Field("time-in-force", "WORD", "day (default), gtc, ioc, fok, opg or cls"),
        Field("stop-loss", "PRICE", "the price at which the loss is cut", path: ["stop_loss", "stop_price"]),
        Field("stop-loss-limit", "PRICE", "the limit of that stop", path: ["stop_loss", "limit_price"]),
        Field(
            "take-profit", "PRICE", "the price at which the profit is taken",
            path: ["take_profit", "limit_price"]),
        Field("reference-price", "PRICE", "the price that the bot saw"),
        Field("strategy", "NAME", "whose idea it is"),
        Field("rationale", "WORDS", "why"), Field("confidence", "0-100", "how sure", isNumber: true),
        Field("catalyst-score", "0-100", "how strong the news is", isNumber: true),
        Field("signal-id", "TEXT", "the signal"), Field("pattern-id", "TEXT", "the pattern"),
        Field("news-id", "TEXT", "the news"), Field("external-ref", "TEXT", "your own reference"),
        Field(
            "timeout-minutes", "NUMBER", "expire after so many minutes, sooner than the policy says",
            isNumber: true),
    ]

    static let options = fields.map { CommandShape.Option($0.option, $0.placeholder, $0.help) }

    /// The option that fills the field at a JSON pointer, where there is one.
    static func option(at pointer: String) -> String? {
        fields.first { "/\($0.path.joined(separator: "/"))" == pointer }?.option
    }

    /// The proposal of the file and the flags; what it must hold is the server's to say.
    static func document(_ call: Call) throws -> JSONValue {
        let file = call.invocation.operand("FILE")
        var document = try file.map { try Call.document(at: $0, command: "propose") } ?? [:]
        guard var object = document.objectValue else {
            throw CommandFailure("The proposal must be a JSON object.", code: .usage)
        }
        var isGiven = file != nil
        for field in fields {
            guard let text = call.invocation.value(field.option) else { continue }
            isGiven = true
            set(try value(text, field), at: field.path[...], in: &object)
        }
        guard isGiven else {
            throw UsageError(
                "What shall be proposed? Give a FILE, or --symbol and the rest.", command: "propose")
        }
        document = .object(object)
        return document
    }

    private static func value(_ text: String, _ field: Field) throws -> JSONValue {
        guard field.isNumber else { return .string(text) }
        guard let number = JSONNumber(text) else {
            throw UsageError("--\(field.option) takes a number, not \(text).", command: "propose")
        }
        return .number(number)
    }

    private static func set(_ value: JSONValue, at path: ArraySlice<String>, in object: inout JSONObject) {
        guard let first = path.first else { return }
        if path.count == 1 {
            object[first] = value
        } else {
            var inner = object[first]?.objectValue ?? [:]
            set(value, at: path.dropFirst(), in: &inner)
            object[first] = .object(inner)
        }
    }
}
