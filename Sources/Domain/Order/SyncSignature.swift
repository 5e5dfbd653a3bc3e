package import JSON

/// What the server signs of its answer to a worker's sync, so that nobody in between tells the worker what to do.
///
/// Commands and cancellations come in that answer. It repeats the `nonce` of the question, so that an answer to another
/// question, an older one too, is none.
package enum SyncSignature {
    /// How long a nonce may be.
    package static let nonceCharacters = 128

    /// The text whose bytes are signed: of the whole answer but the signature itself.
    ///
    /// Its first line keeps it apart from everything else that is signed with the same key.
    package static func text(of answer: JSONObject) -> String {
        var signed = answer
        signed["signature"] = nil
        return "countersign-sync-1\n" + JSONValue.object(signed).canonical()
    }
}
