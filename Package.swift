// swift-tools-version: 6.2
// Countersign: the gate between trading bots and the broker. docs/architecture.md draws the picture.

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func room(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .testTarget(name: name, dependencies: dependencies + ["Support"], swiftSettings: settings)
}

func library(_ name: String, _ pkgConfig: String, _ package: String) -> Target {
    .systemLibrary(name: name, pkgConfig: pkgConfig, providers: [.apt([package])])
}

let package = Package(
    name: "countersign",
    products: [.executable(name: "countersign", targets: ["Countersign"])],
    targets: [
        // C libraries of Debian.
        library("CMicroHTTPD", "libmicrohttpd", "libmicrohttpd-dev"),
        library("CPostgres", "libpq", "libpq-dev"),
        library("CCurl", "libcurl", "libcurl4-openssl-dev"),
        library("CSodium", "libsodium", "libsodium-dev"),
        library("CCrypto", "libcrypto", "libssl-dev"),
        .target(name: "CTemplates", linkerSettings: [.linkedLibrary("ctemplate")]),
        .systemLibrary(name: "CSpawn"),

        // Kits: one library each, nothing of trading.
        room("JSON"),
        room("Logging", ["JSON"]),
        room("HTTPServer", ["CMicroHTTPD"]),
        room("Postgres", ["CPostgres"]),
        room("HTTPClient", ["CCurl"]),
        room("Cryptography", ["CSodium", "CCrypto"]),
        room("Templates", ["CTemplates"]),
        room("Plotting", ["CSpawn"]),

        // Rules: pure values and functions.
        room("Domain", ["JSON"]),

        // Shell: joins them.
        room("Store", ["Domain", "JSON", "Postgres"]),
        room("Broker", ["Domain", "JSON", "HTTPClient"]),
        room("Gate", ["Store", "Domain", "JSON", "Postgres", "Cryptography"]),
        room("Reports", ["Store", "Domain", "JSON", "Postgres", "Plotting"]),
        room(
            "Notifications",
            [
                "Store", "Domain", "JSON", "Postgres", "HTTPClient", "Cryptography", "Logging", "Templates",
            ]),
        room(
            "Execution",
            ["Broker", "Domain", "JSON", "HTTPClient", "HTTPServer", "Cryptography", "Logging"]),
        room("BrokerSimulator", ["Domain", "JSON", "HTTPServer"]),
        room(
            "Web",
            [
                "Gate", "Reports", "Notifications", "Store", "Domain", "JSON", "HTTPServer", "HTTPClient",
                "Postgres",
                "Templates", "Cryptography", "Logging",
            ]),
        room("Console", ["Domain", "JSON", "Postgres", "HTTPClient", "Cryptography", "Logging"]),
        .executableTarget(
            name: "Countersign",
            dependencies: [
                "Console", "Web", "Execution", "BrokerSimulator", "Gate", "Reports", "Notifications", "Store",
                "Broker", "Domain", "Plotting",
                "JSON", "Logging", "HTTPServer", "HTTPClient", "Postgres", "Cryptography", "Templates",
            ],
            swiftSettings: settings),

        // The load generator of ops/bench; no part of the product.
        .executableTarget(name: "Load", swiftSettings: settings),

        // Tests.
        .target(
            name: "Support", dependencies: ["Postgres", "JSON"], path: "Tests/Support",
            swiftSettings: settings),
        tests("JSONTests", ["JSON"]),
        tests("LoggingTests", ["Logging", "JSON"]),
        tests("HTTPServerTests", ["HTTPServer"]),
        tests("PostgresTests", ["Postgres"]),
        tests("HTTPClientTests", ["HTTPClient"]),
        tests("CryptographyTests", ["Cryptography"]),
        tests("TemplatesTests", ["Templates"]),
        tests("PlottingTests", ["Plotting"]),
        tests("DomainTests", ["Domain", "JSON"]),
        tests("StoreTests", ["Store", "Domain", "JSON", "Postgres"]),
        tests("GateTests", ["Gate", "Store", "Domain", "JSON", "Postgres", "Cryptography"]),
        tests(
            "ReportsTests",
            ["Reports", "Plotting", "Notifications", "Store", "Domain", "JSON", "Postgres", "Cryptography"]),
        tests("BrokerTests", ["Broker", "BrokerSimulator", "Domain", "JSON", "HTTPServer", "HTTPClient"]),
        tests(
            "NotificationsTests",
            [
                "Notifications", "Store", "Domain", "JSON", "Postgres", "HTTPClient", "HTTPServer",
                "Cryptography", "Logging", "Templates",
            ]),
        tests(
            "ExecutionTests",
            [
                "Execution", "Broker", "BrokerSimulator", "Domain", "JSON", "HTTPClient", "HTTPServer",
                "Cryptography", "Logging", "Gate", "Store", "Postgres",
            ]),
        tests("BrokerSimulatorTests", ["BrokerSimulator", "Domain", "JSON", "HTTPServer"]),
        tests(
            "WebTests",
            [
                "Web", "Gate", "Reports", "Plotting", "Store", "Domain", "JSON", "HTTPServer", "HTTPClient",
                "Postgres", "Templates", "Cryptography", "Logging",
            ]),
        tests("ConsoleTests", ["Console", "Domain", "HTTPClient", "Cryptography"]),
        tests("CountersignTests", ["Countersign", "Console", "Domain", "JSON", "Logging", "Cryptography"]),
        // What ops/fuzz feeds with what it draws, for a test that feeds it the corpus.
        .target(
            name: "Fuzz",
            dependencies: ["JSON", "Domain", "Cryptography", "HTTPServer", "HTTPClient", "Logging"],
            path: "Tests/fuzz", exclude: ["corpus"], swiftSettings: settings),
        tests("FuzzTests", ["Fuzz"]),
        tests("TidyTests", []),
    ],
    cxxLanguageStandard: .cxx17
)
