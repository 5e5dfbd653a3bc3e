import Cryptography
import Domain
import JSON

/// An answer to a sync that the server signed for this very question; nothing is done on the word of any other.
enum SignedAnswer {
    /// The kind of error of an answer that is not the server's word.
    static let unsoundSlug = "answer-unsound"
    private static let consequence = "Nothing of what it asks for is done."

    /// Checks an answer's signature, question, mode and account; throws why nothing of it may be done.
    static func require(
        _ answer: JSONValue, key: PublicKey, nonce: String, mode: TradingMode, account: String?
    ) throws(ServerError) {
        guard let object = answer.objectValue, answer["signature"]?["alg"] == "ed25519",
            let signature = answer["signature"]?["value"]?.stringValue.flatMap(Base64.decode)
        else {
            throw unsound(
                "The server's answer is not signed. \(consequence) Either the server is older than this worker (then update"
                    + " it), or something else answers in its place.")
        }
        guard key.verify(signature, of: Array(SyncSignature.text(of: object).utf8)) else {
            throw unsound(
                "The answer's signature is not by the server's pinned key. \(consequence) Something between this worker and the"
                    + " server changes what it says, or answers in its place.")
        }
        guard answer["nonce"]?.stringValue == nonce else {
            throw unsound(
                "The server's answer is one to another question. \(consequence) Something between this worker and the server"
                    + " repeats what it said before.")
        }
        let told = answer["mode"]?.stringValue.flatMap(TradingMode.init)
        guard told == mode else { throw otherMode(told, than: mode) }
        if let account, let other = answer["account_number"]?.stringValue, other != account {
            throw mismatch(
                "This worker trades the account \(account), and the server belongs to \(other). \(consequence) Set the broker's"
                    + " keys or COUNTERSIGN_SERVER_URL of the worker right.")
        }
    }

    private static func otherMode(_ told: TradingMode?, than mode: TradingMode) -> ServerError {
        let other = told.map { "is for \($0.rawValue) trading" } ?? "does not say for which trading it is"
        return mismatch(
            "This worker trades \(mode.rawValue), and the server \(other). \(consequence)"
                + " Set COUNTERSIGN_MODE or COUNTERSIGN_SERVER_URL of the worker right.")
    }

    private static func unsound(_ words: String) -> ServerError {
        ServerError(.refused(slug: unsoundSlug, status: 200), words)
    }

    private static func mismatch(_ words: String) -> ServerError {
        ServerError(.refused(slug: "account-mismatch", status: 409), words)
    }
}
