import CSodium

/// Bytes that must not leak: guarded memory, locked where the system permits, wiped when the last owner lets go.
///
/// Printing, interpolating or reflecting one shows `[redacted]`.
package final class SecretBytes: @unchecked Sendable {
    // Unchecked because of the pointer: the memory is written once, in `init`, and read-only from then on.
    private let memory: UnsafeMutablePointer<UInt8>
    package let count: Int

    /// Copies the bytes into guarded memory; the caller's own copy is the caller's to forget.
    package convenience init(_ bytes: [UInt8]) {
        self.init(count: bytes.count) { memory in
            memory.initialize(from: bytes, count: bytes.count)
        }
    }

    init(count: Int, fill: (UnsafeMutablePointer<UInt8>) -> Void) {
        _ = Sodium.ready
        guard let memory = sodium_malloc(max(count, 1))?.assumingMemoryBound(to: UInt8.self) else {
            preconditionFailure("no memory left for a secret of \(count) bytes")
        }
        self.memory = memory
        self.count = count
        fill(memory)
        sodium_mprotect_readonly(memory)
    }

    deinit { sodium_free(memory) }

    /// Fresh bytes from the system's generator.
    package static func random(count: Int) -> SecretBytes {
        SecretBytes(count: count) { memory in randombytes_buf(memory, count) }
    }

    /// Hands out a plain copy, for writing a key to its file; the copy is not wiped.
    package func expose() -> [UInt8] {
        withUnsafeBytes { pointer in Array(UnsafeBufferPointer(start: pointer, count: count)) }
    }

    /// Lends the memory for the time of the closure.
    func withUnsafeBytes<Result>(_ body: (UnsafePointer<UInt8>) -> Result) -> Result {
        body(UnsafePointer(memory))
    }
}

extension SecretBytes: Equatable {
    package static func == (left: SecretBytes, right: SecretBytes) -> Bool {
        left.count == right.count && sodium_memcmp(left.memory, right.memory, left.count) == 0
    }
}

extension SecretBytes: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
