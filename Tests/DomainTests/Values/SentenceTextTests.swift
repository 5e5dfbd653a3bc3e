import Domain
import Testing

/// How words of others end where more is said behind them.
@Suite struct SentenceTextTests {
    @Test(arguments: [
        ("we lost a lot", "we lost a lot."), ("Nobody approved it.", "Nobody approved it."), ("why?", "why?"),
        ("stop!", "stop!"), ("and so on…", "and so on…"), ("and so on...", "and so on..."),
        ("a rumour \n", "a rumour."), ("A rumour. ", "A rumour."),
        ("2.04% (the limit)", "2.04% (the limit)."), ("é\u{301}", "é\u{301}."), ("", ""), (" \n", ""),
    ])
    func `ends once`(text: String, sentence: String) {
        #expect(text.asSentence == sentence)
        #expect(sentence.asSentence == sentence)
    }
}
