import Testing

/// Imports only go down: docs/architecture.md draws the rooms.
struct ImportTests {
    /// The storey of each target; an import leads to a lower one.
    static let storeys: [String: Int] = {
        let rooms: [[String]] = [
            ["JSON"],
            ["HTTPServer", "HTTPClient", "Postgres", "Cryptography", "Templates", "Logging", "Plotting"],
            ["Domain"],
            ["Store", "Broker"],
            ["Gate", "Reports", "Notifications"],
            ["Web", "Execution", "BrokerSimulator"],
            ["Console"],
            ["Countersign", "Load"],
        ]
        var storeys: [String: Int] = [:]
        for (storey, names) in rooms.enumerated() {
            for name in names { storeys[name] = storey }
        }
        return storeys
    }()

    /// The one target that may speak to each C library.
    static let keepers = [
        "CMicroHTTPD": "HTTPServer", "CPostgres": "Postgres", "CCurl": "HTTPClient",
        "CSodium": "Cryptography", "CCrypto": "Cryptography",
        "CTemplates": "Templates", "CSpawn": "Plotting",
    ]

    @Test func `the tree is there to be read`() {
        #expect(SourceTree.sources.count > 100 && SourceTree.tests.count > 50)
    }

    @Test func `every target has its storey`() {
        let unknown = Set(SourceTree.sources.map(\.target)).subtracting(Self.storeys.keys)
        #expect(unknown.isEmpty, "give these a place in the house: \(unknown.sorted())")
    }

    @Test func `imports only go down`() {
        var wrong: [String] = []
        for file in SourceTree.sources {
            guard let here = Self.storeys[file.target] else { continue }
            for module in file.imports {
                if let there = Self.storeys[module], there >= here { wrong.append("\(file): \(module)") }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func `rules import no kit but JSON`() {
        let wrong = SourceTree.sources.filter { file in
            file.target == "Domain" && file.imports.contains { Self.storeys[$0] != nil && $0 != "JSON" }
        }
        #expect(wrong.isEmpty, "\(wrong)")
    }

    @Test func `a C library is imported by its kit alone`() {
        var wrong: [String] = []
        for file in SourceTree.sources + SourceTree.tests {
            for module in file.imports {
                if let keeper = Self.keepers[module], keeper != file.target {
                    wrong.append("\(file): \(module) belongs to \(keeper)")
                }
            }
        }
        #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }

    @Test func `an import is recognised however it is written`() {
        let file = SourceFile(
            path: "Sources/A/B.swift",
            text: """
                import One
                package import Two
                @testable import Three
                import struct Four.Thing
                // import Five
                let imported = 1
                """)
        #expect(file.imports == ["One", "Two", "Three", "Four"])
    }
}
