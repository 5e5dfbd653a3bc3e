/// What pages say where a request for approval reached nobody by message.
enum UnheardWords {
    static func inbox(_ count: Int) -> String {
        count == 1
            ? "No channel has taken one of these requests: whoever is asked may not know."
            : "No channel has taken \(count) of these requests: whoever is asked may not know."
    }

    static let proposal = "No channel has taken this request: whoever else is asked may not know."
}
