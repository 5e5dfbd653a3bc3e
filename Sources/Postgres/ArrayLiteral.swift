/// PostgreSQL's array literals of one dimension: `{1,NULL,"a \"b\""}`.
enum ArrayLiteral {
    private static let null = Array("NULL".utf8)

    static func append<Element>(
        _ elements: [Element?], to bytes: inout [UInt8], _ write: (Element, inout [UInt8]) -> Bool
    ) -> Bool {
        bytes.append(UInt8(ascii: "{"))
        for (index, element) in elements.enumerated() {
            if index > 0 { bytes.append(UInt8(ascii: ",")) }
            guard let element else {
                bytes.append(contentsOf: null)
                continue
            }
            guard write(element, &bytes) else { return false }
        }
        bytes.append(UInt8(ascii: "}"))
        return true
    }

    /// Writes a text in quotes; false where it holds a NUL.
    static func appendQuoted(_ text: String, to bytes: inout [UInt8]) -> Bool {
        var text = text
        bytes.append(UInt8(ascii: "\""))
        let isSound = text.withUTF8 { source in
            var copied = 0
            for place in source.indices {
                let byte = source[place]
                if byte == 0 { return false }
                guard byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") else { continue }
                bytes.append(contentsOf: source[copied..<place])
                bytes.append(UInt8(ascii: "\\"))
                copied = place
            }
            bytes.append(contentsOf: source[copied...])
            return true
        }
        bytes.append(UInt8(ascii: "\""))
        return isSound
    }

    /// Reads a literal of one dimension; nil where it is none.
    static func parse(_ text: [UInt8]) -> [String?]? {
        guard text.count >= 2, text.first == UInt8(ascii: "{"), text.last == UInt8(ascii: "}") else {
            return nil
        }
        return text.withUnsafeBufferPointer { text in
            var reader = Reader(text: UnsafeBufferPointer(rebasing: text[1..<(text.count - 1)]))
            return reader.elements()
        }
    }

    private struct Reader {
        let text: UnsafeBufferPointer<UInt8>
        var place = 0

        mutating func elements() -> [String?]? {
            var elements: [String?] = []
            guard !text.isEmpty else { return elements }
            while true {
                guard let element = element() else { return nil }
                elements.append(element)
                if place == text.count { return elements }
                guard text[place] == UInt8(ascii: ",") else { return nil }
                place += 1
            }
        }

        /// The next element: nil where malformed, `.some(nil)` for NULL.
        private mutating func element() -> String?? {
            if place < text.count, text[place] == UInt8(ascii: "\"") {
                place += 1
                return quoted().map { .some($0) }
            }
            let start = place
            while place < text.count, text[place] != UInt8(ascii: ",") {
                switch text[place] {
                case UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "\""), UInt8(ascii: "\\"): return nil
                default: place += 1
                }
            }
            let bare = UnsafeBufferPointer(rebasing: text[start..<place])
            guard !bare.isEmpty else { return nil }
            return .some(bare.elementsEqual(ArrayLiteral.null) ? nil : String(decoding: bare, as: UTF8.self))
        }

        private mutating func quoted() -> String? {
            var bytes: [UInt8] = []
            while place < text.count {
                let byte = text[place]
                place += 1
                switch byte {
                case UInt8(ascii: "\""): return String(decoding: bytes, as: UTF8.self)
                case UInt8(ascii: "\\"):
                    guard place < text.count else { return nil }
                    bytes.append(text[place])
                    place += 1
                default: bytes.append(byte)
                }
            }
            return nil
        }
    }
}
