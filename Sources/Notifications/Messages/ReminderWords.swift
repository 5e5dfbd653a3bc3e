import Domain

extension ProposalFacts {
    /// Tells that a proposal still waits and that time runs out.
    var reminder: Message {
        var message = request
        message.title = PlainText.line("still waiting, \(message.title)", limit: 120)
        message.summary =
            "This still waits for its approval. \(message.summary)"
        return message
    }

    /// Tells that the request reached nobody in time.
    var unheard: Message {
        var message = request
        message.tone = .alarm
        message.title = PlainText.line("not delivered in time, \(message.title)", limit: 120)
        message.summary =
            "A minute after this was proposed no channel had taken the request: whoever is asked elsewhere "
            + "may not know. \(message.summary)"
        return message
    }
}
