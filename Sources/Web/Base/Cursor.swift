import Cryptography
import Domain

/// The place where a list's next page begins, opaque to whoever carries it.
enum Cursor {
    private static let deadlineMark = "d"

    /// The place after a deadline and, of those that share it, after one in the sequence.
    static func text(_ deadline: Timestamp, _ sequence: Int) -> String {
        Base64URL.encode(Array("\(deadlineMark):\(deadline.microseconds):\(sequence)".utf8))
    }

    static func deadline(_ text: String) -> (at: Timestamp, sequence: Int)? {
        guard text.utf8.count <= 64, let bytes = Base64URL.decode(text) else { return nil }
        let parts = String(decoding: bytes, as: UTF8.self).split(separator: ":")
        guard parts.count == 3, parts[0] == deadlineMark, let micros = Int64(parts[1]),
            (0..<4_102_444_800_000_000).contains(micros), let sequence = Int(parts[2]), sequence > 0
        else { return nil }
        return (Timestamp(microseconds: micros), sequence)
    }

    private static let mark = "s:"

    static func text(_ sequence: Int) -> String { Base64URL.encode(Array("\(mark)\(sequence)".utf8)) }

    /// The same for lists that go on after a name.
    static func text(after name: String) -> String { Base64URL.encode(Array("n:\(name)".utf8)) }

    static func name(_ text: String) -> String? {
        guard text.utf8.count <= 128, let bytes = Base64URL.decode(text) else { return nil }
        let plain = String(decoding: bytes, as: UTF8.self)
        return plain.hasPrefix("n:") && plain.utf8.count > 2 ? String(plain.dropFirst(2)) : nil
    }

    static func sequence(_ text: String) -> Int? {
        guard text.utf8.count <= 64, let bytes = Base64URL.decode(text) else { return nil }
        let plain = String(decoding: bytes, as: UTF8.self)
        guard plain.hasPrefix(mark), let sequence = Int(plain.dropFirst(mark.count)), sequence > 0 else {
            return nil
        }
        return sequence
    }
}
