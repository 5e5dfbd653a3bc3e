import Domain
import Testing

/// How those who did something are called, on pages, in messages and in answers.
@Suite struct ActorTextTests {
    @Test(arguments: [
        ("user:alice", "alice"), ("key:dee-bot", "dee-bot"), ("worker:w1", "w1"), ("user:a:b", "a:b"),
        ("cli:root", "root (command line)"), ("cli", "cli"), ("system", "Countersign"),
        ("system:breaker", "Countersign"), ("system:overfill", "Countersign"), ("somebody", "somebody"),
        ("", ""),
    ])
    func `people, keys and Countersign itself`(actor: String, words: String) {
        #expect(ActorText.words(actor) == words)
    }

    @Test func `nobody`() { #expect(ActorText.words(nil) == nil) }
}
