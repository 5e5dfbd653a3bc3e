package import Cryptography
package import Domain
import JSON

/// Verifies an exported journal, line by line, with nothing but the file.
package struct ExportVerifier {
    /// The keys that the file says have signed, believed only where no others were given.
    package private(set) var fileKeys = TrustedKeys([])

    private let expected: TrustedKeys?
    private let earlier: JournalCheckpoint?
    private var verifier: ChainVerifier?
    private var faults: [JournalProblem] = []
    private var lineNumber = 0
    private var counts = (entries: 0, checkpoints: 0)
    private var waiting = 0
    private var hasEnded = false

    /// A verifier before the first line.
    ///
    /// With `trusting`, only those keys are believed. Without, the file's own: that shows damage, but not a file that
    /// somebody made up as a whole.
    package init(trusting keys: [PublicKey]? = nil, earlier: JournalCheckpoint? = nil) {
        expected = keys.map { TrustedKeys($0) }
        self.earlier = earlier
    }

    /// Takes the next line, without its line break.
    package mutating func take(_ line: String) {
        lineNumber += 1
        guard let json = try? JSONParser.parse(line), let type = json["type"]?.stringValue else {
            fault("is not a JSON object with a type")
            return
        }
        if hasEnded { fault("comes after the end") }
        switch (type, verifier == nil) {
        case ("header", true): begin(json)
        case (_, true): fault("comes before the header")
        case ("entry", false): takeEntry(json)
        case ("checkpoint", false): takeCheckpoint(json)
        case ("end", false): takeEnd(json)
        default: fault("is of a type that does not belong here: \(type.prefix(32))")
        }
    }

    /// Says what was found, after the last line.
    package mutating func finish() -> JournalReport {
        if verifier == nil { fault("is not there: the file has no header") }
        if verifier != nil, !hasEnded {
            lineNumber += 1
            fault("is not there: the file was cut off before its end")
        }
        var verifier = verifier ?? makeVerifier()
        for fault in faults { verifier.note(fault) }
        return verifier.finish(waiting: waiting)
    }

    // MARK: lines

    private mutating func begin(_ json: JSONValue) {
        guard json["format"]?.stringValue == JournalExport.format,
            json["version"]?.intValue == JournalExport.version
        else {
            fault("is not the header of a \(JournalExport.format) file of version \(JournalExport.version)")
            return
        }
        let keys = (json["keys"]?.arrayValue ?? []).compactMap { key in
            key["public_key"]?.stringValue.flatMap(Hex.decode).flatMap { try? PublicKey($0) }
        }
        fileKeys = TrustedKeys(keys)
        verifier = makeVerifier()
    }

    private func makeVerifier() -> ChainVerifier {
        ChainVerifier(
            digest: { SHA256.hash($0) }, judge: (expected ?? fileKeys).judge, earlier: earlier)
    }

    private mutating func takeEntry(_ json: JSONValue) {
        guard let position = json["position"]?.intValue, let id = json["id"]?.intValue,
            let hash = json["hash"]?.stringValue.flatMap(Hex.decode), hash.count == SHA256.byteCount
        else {
            fault("is an entry without its position, id or hash")
            return
        }
        counts.entries += 1
        verifier?.take(position: position, entryID: id, hash: hash, entry: Self.entry(json, id: id))
    }

    private static func entry(_ json: JSONValue, id: Int) -> JournalEntry? {
        guard let at = json["at"]?.stringValue.flatMap(Timestamp.init(rfc3339:)),
            let kind = json["kind"]?.stringValue, let actor = json["actor"]?.stringValue,
            let subject = json["subject"]?.stringValue, let data = json["data"]?.stringValue
        else { return nil }
        return JournalEntry(id: id, at: at, kind: kind, actor: actor, subject: subject, data: data)
    }

    private mutating func takeCheckpoint(_ json: JSONValue) {
        guard let checkpoint = JournalCheckpoint(json: json) else {
            fault("is a checkpoint that cannot be read")
            return
        }
        counts.checkpoints += 1
        verifier?.take(checkpoint)
    }

    private mutating func takeEnd(_ json: JSONValue) {
        hasEnded = true
        waiting = json["waiting"]?.intValue ?? 0
        if json["entries"]?.intValue != counts.entries || json["checkpoints"]?.intValue != counts.checkpoints
        {
            fault(
                "says other counts than the \(counts.entries) entries and \(counts.checkpoints) checkpoints that are"
                    + " there")
        }
    }

    private mutating func fault(_ detail: String) {
        guard faults.count < JournalReport.maxProblems else { return }
        faults.append(JournalProblem(.malformed, "Line \(lineNumber) \(detail)."))
    }
}
