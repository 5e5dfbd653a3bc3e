import JSON
import Logging

// None of them is part of a name whose value is left out: such names stay.
private let secrets = ["sesame", "geheim-ä", "p\"w\\d/1", "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo="]
private let redactor = Redactor(secrets: secrets)

/// No secret that the log knows leaves it, wherever and however it stands in a text.
#if FUZZING
    @_cdecl("LLVMFuzzerTestOneInput")
#endif
package func fuzzLog(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    let text = input.text(0)
    look(redactor.redact(text), text)
    look(redactor.redact(.object(JSONObject([(text, .string(input.text(1)))]))).serialized(), text)
    return 0
}

private func look(_ shown: String, _ text: String) {
    let bytes = Array(shown.utf8)
    for secret in secrets {
        let wanted = Array(secret.utf8)
        guard bytes.count >= wanted.count else { continue }
        for start in 0...(bytes.count - wanted.count)
        where bytes[start] == wanted[0] && bytes[start..<start + wanted.count].elementsEqual(wanted) {
            expect(false, "\(secret) is shown of \(text)")
        }
    }
}
