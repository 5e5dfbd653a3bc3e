import Foundation
import Fuzz
import Testing

/// What fuzzing once found, and what it begins with, through its targets again; a target ends the run where something is
/// not as it must be.
@Suite struct CorpusTests {
    typealias Target = @Sendable (UnsafePointer<UInt8>?, Int) -> CInt

    private static let targets: [String: Target] = [
        "checks": fuzzChecks, "form": fuzzForm, "json": fuzzJSON, "log": fuzzLog, "mail": fuzzMail,
        "signature": fuzzSignature,
    ]
    private static let corpus = URL(filePath: #filePath).deletingLastPathComponent()
        .appending(path: "../fuzz/corpus").standardizedFileURL

    private static func inputs(_ target: String) throws -> [[UInt8]] {
        let files = try FileManager.default.contentsOfDirectory(
            at: corpus.appending(path: target), includingPropertiesForKeys: nil)
        return try files.sorted { $0.path < $1.path }.map { Array(try Data(contentsOf: $0)) }
    }

    private static func feed(_ target: Target, _ bytes: [UInt8]) {
        // As libFuzzer does, in memory that ends where the input ends.
        bytes.withUnsafeBufferPointer { _ = target($0.baseAddress, $0.count) }
    }

    @Test func `every target has a corpus, and every corpus a target`() throws {
        let names = try FileManager.default.contentsOfDirectory(atPath: Self.corpus.path)
        #expect(Set(names) == Set(Self.targets.keys))
        for name in names { #expect(try Self.inputs(name).count > 2, "\(name)") }
    }

    @Test(arguments: targets.keys.sorted())
    func `the corpus breaks nothing, whole or cut off`(name: String) throws {
        let target = try #require(Self.targets[name])
        Self.feed(target, [])
        for input in try Self.inputs(name) {
            for count in 0...min(input.count, 500) { Self.feed(target, Array(input.prefix(count))) }
            Self.feed(target, input)
        }
    }

    @Test(arguments: targets.keys.sorted())
    func `nor with any of its bytes changed`(name: String) throws {
        let target = try #require(Self.targets[name])
        for input in try Self.inputs(name) {
            for index in input.indices.prefix(500) {
                for byte: UInt8 in [0, 0xFF, input[index] ^ 0x20, input[index] &+ 1] {
                    var changed = input
                    changed[index] = byte
                    Self.feed(target, changed)
                }
            }
        }
    }
}
