import Cryptography
import Domain

private let shared = SecretBytes([UInt8](repeating: 7, count: 32))
private let ours = try? SigningKey(seed: [UInt8](repeating: 9, count: 32))
private let box = try? SecretBox(key: shared)

/// Nothing that anybody makes up holds as a signature, a token or a box of ours; texts of bytes have one spelling.
#if FUZZING
    @_cdecl("LLVMFuzzerTestOneInput")
#endif
package func fuzzSignature(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    guard let ours, let box else { return 0 }
    let keys: [WebhookKey] = [.shared(shared), .verifying(ours.publicKey)]
    if let verifier = try? WebhookVerifier(keys) {
        let (id, at, signature) = (input.text(0), input.text(1), input.text(2))
        let holds: Bool
        do {
            try verifier.verify(
                id: id, timestamp: at, signature: signature, body: input.bytes(3), now: 1_795_444_200)
            holds = true
        } catch { holds = false }
        expect(!holds, "a signature nobody made holds")
    }
    expect((try? box.open(input.bytes)) == nil, "a box nobody sealed opens")
    let link = ReviewLink(token: input.bytes) { HMACSHA256.isValid($1, of: $0, key: shared) }
    expect(link == nil, "a token nobody minted opens")
    let unsigned = ReviewLink(token: input.bytes) { _, _ in true }
    if let unsigned {
        let again = unsigned.token { _ in Array(input.bytes.suffix(ReviewLink.codeByteCount)) }
        expect(again == input.bytes, "a token has two spellings")
    }
    spellings(input)
    return 0
}

private func spellings(_ input: Input) {
    let text = input.text(0)
    if let bytes = Base64.decode(text) { expect(Base64.encode(bytes) == text, "Base64 \(text)") }
    if let bytes = Base64URL.decode(text) { expect(Base64URL.encode(bytes) == text, "Base64URL \(text)") }
    if let bytes = Hex.decode(text) { expect(Hex.encode(bytes) == text.lowercased(), "Hex \(text)") }
    if let bytes = Base32.decode(text) { _ = Base32.encode(bytes) }
    expect(Base64.decode(Base64.encode(input.bytes)) == input.bytes, "Base64 of bytes")
    expect(Base64URL.decode(Base64URL.encode(input.bytes)) == input.bytes, "Base64URL of bytes")
    expect(Hex.decode(Hex.encode(input.bytes)) == input.bytes, "Hex of bytes")
    expect(Base32.decode(Base32.encode(input.bytes)) == input.bytes, "Base32 of bytes")
    if let key = try? WebhookKey(text), case .verifying(let known) = key {
        expect(WebhookKey.text(of: known) == text, "a key has two spellings")
    }
    _ = TimeBasedPassword(secret: shared).matchingStep(of: text, at: 1_795_444_200)
    if let id = Identifier(text) {
        expect(Identifier(bytes: id.bytes) == id, "an identifier has two spellings: \(text)")
    }
}
