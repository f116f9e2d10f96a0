// swift-tools-version: 6.2

import PackageDescription

// One target per module, one test target per module; a module imports only from layers below its own.
// docs/architecture.md names the layers, Tests/ArchitectureTests holds them.

// CI treats warnings as errors (.ci/run sets the variable); a newer compiler than ours must not stop a build elsewhere.
let settings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("MemberImportVisibility"),
        .enableUpcomingFeature("InternalImportsByDefault"),
    ] + (Context.environment["MARTLET_WARNINGS_AS_ERRORS"] == nil ? [] : [.treatAllWarnings(as: .error)])

extension Target.Dependency {
    static let argumentParser = product(name: "ArgumentParser", package: "swift-argument-parser")
    static let asn1 = product(name: "SwiftASN1", package: "swift-asn1")
    static let asyncHTTPClient = product(name: "AsyncHTTPClient", package: "async-http-client")
    static let configuration = product(name: "Configuration", package: "swift-configuration")
    static let coreMetrics = product(name: "CoreMetrics", package: "swift-metrics")
    static let crypto = product(name: "Crypto", package: "swift-crypto")
    static let cryptoExtras = product(name: "CryptoExtras", package: "swift-crypto")
    static let deque = product(name: "DequeModule", package: "swift-collections")
    static let grdb = product(name: "GRDB", package: "GRDB.swift")
    static let grdbSQLite = product(name: "GRDBSQLite", package: "GRDB.swift")
    static let hummingbird = product(name: "Hummingbird", package: "hummingbird")
    static let hummingbirdCore = product(name: "HummingbirdCore", package: "hummingbird")
    static let hummingbirdTesting = product(name: "HummingbirdTesting", package: "hummingbird")
    static let logging = product(name: "Logging", package: "swift-log")
    static let mustache = product(name: "Mustache", package: "swift-mustache")
    static let metricsTestKit = product(name: "MetricsTestKit", package: "swift-metrics")
    static let nioCore = product(name: "NIOCore", package: "swift-nio")
    static let nioEmbedded = product(name: "NIOEmbedded", package: "swift-nio")
    static let nioHTTPTypes = product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTP1 = product(name: "NIOHTTP1", package: "swift-nio")
    static let nioTLS = product(name: "NIOTLS", package: "swift-nio")
    static let nioSSL = product(name: "NIOSSL", package: "swift-nio-ssl")
    static let nioPosix = product(name: "NIOPosix", package: "swift-nio")
    static let nioTestUtils = product(name: "NIOTestUtils", package: "swift-nio")
    static let serviceLifecycle = product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
    static let tracing = product(name: "Tracing", package: "swift-distributed-tracing")
    static let unixSignals = product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let x509 = product(name: "X509", package: "swift-certificates")
}

func module(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

/// Suites that are run optimised too, by `optimised-tests`: what they test depends on the order in which tasks go on, or on unsafe memory.
///
/// A target of tests cannot be linked into a program. Without `@testable`, which release builds do not have: such suites need `package` access.
func sharedTests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, path: "Tests/\(name)", swiftSettings: settings)
}

let sharedSuites: [Target.Dependency] = [
    "ConcurrencyTests", "DNSTests", "DatabaseTests", "EncodingTests", "FuzzTests", "JSONTests", "PolicyServerTests",
]

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "martlet",
    products: [
        .executable(name: "martlet", targets: ["martlet"]),
        .library(name: "MartletClient", targets: ["MartletClient"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser.git", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-asn1.git", from: "1.7.0"),
        .package(url: "https://github.com/apple/swift-certificates.git", from: "1.21.1"),
        .package(url: "https://github.com/apple/swift-collections.git", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-configuration.git", from: "1.4.0"),
        .package(url: "https://github.com/apple/swift-crypto.git", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-distributed-tracing.git", from: "1.7.3"),
        .package(url: "https://github.com/apple/swift-log.git", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics.git", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio.git", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras.git", from: "1.20.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl.git", from: "2.37.6"),
        .package(url: "https://github.com/groue/GRDB.swift.git", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird.git", from: "2.28.1"),
        .package(url: "https://github.com/hummingbird-project/swift-mustache.git", from: "2.1.1"),
        .package(url: "https://github.com/swift-server/async-http-client.git", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle.git", from: "2.13.0"),
    ],
    targets: [
        // Layer 0: values and rules.
        module("Concurrency", [.deque]),
        module("Encoding"),
        module("JSON"),
        module("MailModel", ["CIDN2"]),
        .systemLibrary(name: "CIDN2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),

        // Layer 1: what the services stand on.
        module("Metering", [.coreMetrics]),
        module("Periodic", [.serviceLifecycle]),
        module("Telemetry", ["JSON", "MailModel", "Periodic", .asyncHTTPClient, .coreMetrics, .logging, .nioCore, .nioHTTP1, .tracing]),
        module("Database"),
        module("DatabaseSQLite", ["Database", .grdb, .grdbSQLite]),
        module("DatabasePostgres", ["Encoding", "Database", "CLibPQ"]),
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        module("Storage", ["Concurrency", "Encoding", "MailModel", "Metering", "Database", "JSON", .coreMetrics, .crypto]),
        module(
            "AmazonSES",
            [
                "Concurrency", "Encoding", "MailModel", "JSON", .asn1, .asyncHTTPClient, .crypto, .deque, .logging, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL, .nioTLS, .x509,
            ]),
        module("MIME", ["Encoding", "MailModel"]),
        // A product of its own, for programs of others: it is `public`, and imports nothing of the service.
        module("MartletClient", ["Encoding", .asyncHTTPClient, .crypto, .nioCore, .nioHTTP1]),
        module("SMTP", ["Encoding", "MailModel", .nioCore, .nioPosix, .nioSSL, .nioTLS]),
        // Keeps the state of the system's resolver on the side of C.
        .target(name: "CResolver", linkerSettings: [.linkedLibrary("resolv")]),
        module("DNS", ["Concurrency", "CPSL", "CResolver", "MailModel", .deque]),
        .systemLibrary(name: "CPSL", pkgConfig: "libpsl", providers: [.apt(["libpsl-dev"])]),

        // Layer 2: the services.
        module(
            "Access",
            [
                "AmazonSES", "Concurrency", "Encoding", "MailModel", "Periodic", "Storage", .crypto, .cryptoExtras, .deque, .logging,
            ]),
        module("Outbound", ["Concurrency", "Encoding", "MailModel", "Periodic", "Storage", "AmazonSES", "DNS", .logging]),
        module(
            "Sending",
            [
                "Telemetry",
                "Concurrency", "Encoding", "MailModel", "Metering", "Periodic", "Storage", "AmazonSES", "DNS", "MIME", "SMTP", "JSON",
                .coreMetrics, .crypto, .logging, .serviceLifecycle,
            ]),
        module("Recipients", ["MailModel", "Periodic", "Storage", "AmazonSES", .logging]),
        module(
            "Feedback",
            ["Telemetry", "MailModel", "Metering", "Periodic", "Storage", "AmazonSES", "JSON", .coreMetrics, .logging, .serviceLifecycle]),
        module(
            "Callbacks",
            [
                "Telemetry",
                "Concurrency", "DNS", "Encoding", "MailModel", "Metering", "Storage", "JSON", .coreMetrics, .crypto, .logging, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL, .serviceLifecycle,
            ]),

        module("Reports", ["MailModel", "Storage"]),
        module("Audit", ["JSON", "MailModel", "Storage"]),
        module("Notices", ["MailModel", "Periodic", "Storage", .logging]),

        // Layer 3: HTTP without a subject.
        module(
            "Web",
            [
                "Telemetry",
                "Concurrency", "Encoding", "MailModel", "Metering", "JSON", .coreMetrics, .deque, .hummingbird, .hummingbirdCore, .logging,
                .nioCore, .nioHTTPTypes,
            ]),

        module(
            "Platform",
            ["Access", "Audit", "Callbacks", "Feedback", "Notices", "Outbound", "Recipients", "Reports", "Sending", "Storage"]),

        // Layer 4: the interfaces.
        .target(
            name: "Dashboard",
            dependencies: [
                "Concurrency", "Encoding", "Platform", "Web", "MailModel", "Storage", "JSON", "Access", "AmazonSES", "Outbound",
                "Sending", "Recipients", "Feedback", "Callbacks", "Reports", "Audit", .hummingbird, .logging, .mustache, .nioCore,
                .serviceLifecycle,
            ],
            // In the program itself: it is one file, wherever it is copied to.
            resources: [.embedInCode("Resources")],
            swiftSettings: settings
        ),
        module(
            "HTTPAPI",
            [
                "Concurrency", "Encoding", "Platform", "Web", "MailModel", "Metering", "Storage", "JSON", "Access", "Outbound", "Sending",
                "Recipients", "Feedback", "Callbacks", "Notices", "Reports", "Audit", .crypto, .hummingbird, .hummingbirdCore, .nioCore,
            ]),

        module(
            "SESAPI",
            [
                "Access", "AmazonSES", "Concurrency", "Encoding", "JSON", "MIME", "MailModel", "Outbound", "Platform", "Recipients",
                "Sending",
                "Web", .hummingbird, .nioCore,
            ]),

        module(
            "PolicyServer",
            ["Concurrency", "MailModel", "Metering", "Storage", .coreMetrics, .crypto, .logging, .nioCore, .nioPosix, .serviceLifecycle]),
        module(
            "SMTPServer",
            [
                "Access", "Concurrency", "Encoding", "MIME", "MailModel", "Metering", "Sending", "Storage", .coreMetrics, .logging,
                .nioCore,
                .nioPosix, .nioSSL, .serviceLifecycle,
            ]),
        module(
            "Runtime",
            ["Encoding", "AmazonSES", "DNS", "MailModel", "Metering", "Periodic", "JSON", "SMTP", "Storage", .configuration, .logging]),

        // Layer 5: the program.
        .executableTarget(
            name: "martlet",
            dependencies: [
                "Concurrency", "Encoding", "MailModel", "Metering", "JSON", "Database", "DatabasePostgres", "DatabaseSQLite", "Storage",
                "AmazonSES",
                "SMTP", "Access", "Notices", "Outbound", "Sending", "Recipients", "Feedback", "Callbacks", "Reports", "Dashboard",
                "HTTPAPI", "MartletClient", "Runtime", "Periodic", "Telemetry", "Platform", "PolicyServer", "SESAPI", "SMTPServer", "Web",
                "DNS", .argumentParser, .asyncHTTPClient, .coreMetrics,
                .hummingbird, .logging, .nioCore, .nioHTTP1, .nioPosix, .serviceLifecycle, .unixSignals,
            ],
            swiftSettings: settings
        ),

        // For tests and benchmarks only: a stand-in for the Amazon SES API that delays, fails and keeps a log,
        // and what two test targets need.
        .executableTarget(
            name: "ses-sink",
            dependencies: ["Encoding", "JSON", .argumentParser, .hummingbird, .logging, .nioCore, .serviceLifecycle],
            swiftSettings: settings
        ),
        .executableTarget(name: "policy-load", dependencies: [.argumentParser], swiftSettings: settings),
        .executableTarget(
            name: "yardsticks", dependencies: [.argumentParser, .hummingbird, .nioCore, .nioHTTP1, .nioPosix], swiftSettings: settings),
        module(
            "TestSupport",
            ["MailModel", "Database", "DatabasePostgres", "DatabaseSQLite", "Storage", .asn1, .crypto, .nioSSL, .x509]),

        .executableTarget(name: "optimised-tests", dependencies: sharedSuites, swiftSettings: settings),
        sharedTests("EncodingTests", ["Encoding"]),
        sharedTests("FuzzTests", ["MIME", "SMTPServer", "TestSupport", .nioCore]),
        sharedTests("JSONTests", ["JSON", "TestSupport"]),
        sharedTests("DatabaseTests", ["Database", "DatabasePostgres", "DatabaseSQLite", "TestSupport"]),
        sharedTests("DNSTests", ["Concurrency", "DNS", "MailModel", "TestSupport", .nioCore, .nioPosix]),
        sharedTests(
            "PolicyServerTests",
            [
                "PolicyServer", "MailModel", "Storage", "TestSupport", .coreMetrics, .logging, .metricsTestKit, .nioCore, .nioPosix,
                .nioTestUtils, .serviceLifecycle,
            ]),
        sharedTests("ConcurrencyTests", ["Concurrency", "DNS", "Database", "MailModel", "Metering", "Sending", "Storage", "TestSupport"]),

        tests(
            "SMTPServerTests",
            [
                "SMTPServer", "Access", "Concurrency", "MailModel", "Sending", "Storage", "TestSupport", .logging, .nioCore, .nioPosix,
                .serviceLifecycle,
            ]),
        tests("MailModelTests", ["MailModel", "TestSupport"]),
        tests("StorageTests", ["MailModel", "Storage", "Database", "DatabasePostgres", "DatabaseSQLite", "TestSupport"]),
        tests(
            "AmazonSESTests",
            [
                "Concurrency", "Encoding", "AmazonSES", "MailModel", "JSON", .asn1, .crypto, .cryptoExtras, .hummingbird, .logging,
                .nioCore, .x509,
            ]),
        tests("MeteringTests", ["Metering", .coreMetrics]),
        tests("TelemetryTests", ["Telemetry", "JSON", "MailModel"]),
        tests("PeriodicTests", ["Periodic", .logging, .serviceLifecycle]),
        tests("MIMETests", ["MIME", "MailModel", "TestSupport"]),
        tests("MartletClientTests", ["MartletClient", .asyncHTTPClient, .nioHTTP1]),
        tests("SMTPTests", ["SMTP", "MailModel", "TestSupport", .nioCore, .nioPosix, .nioSSL]),
        tests("AccessTests", ["Access", "AmazonSES", "MailModel", "Storage", "TestSupport", .logging, .serviceLifecycle]),
        tests("OutboundTests", ["Outbound", "AmazonSES", "DNS", "MailModel", "Storage", "TestSupport", .logging]),
        tests(
            "SendingTests",
            [
                "AmazonSES", "Concurrency", "Sending", "DNS", "MIME", "MailModel", "Storage", "TestSupport", .coreMetrics, .logging,
                .metricsTestKit, .serviceLifecycle,
            ]),
        tests("RecipientsTests", ["Recipients", "AmazonSES", "MailModel", "Storage", "TestSupport", .logging]),
        tests("ReportsTests", ["Reports", "Feedback", "MailModel", "Storage", "TestSupport", .logging]),
        tests(
            "FeedbackTests",
            ["Feedback", "AmazonSES", "Database", "MailModel", "Metering", "Storage", "TestSupport", .logging, .metricsTestKit]),
        tests(
            "CallbacksTests",
            [
                "Callbacks", "DNS", "JSON", "MailModel", "Storage", "TestSupport", .coreMetrics, .logging, .metricsTestKit, .nioCore,
                .nioHTTP1, .nioPosix, .nioSSL, .serviceLifecycle,
            ]),
        tests(
            "DashboardTests",
            [
                "Encoding", "Dashboard", "Access", "AmazonSES", "Callbacks", "DNS", "Platform", "Feedback", "MailModel", "Outbound",
                "Recipients",
                "Reports",
                "Sending",
                "Storage", "TestSupport", "Web",
                .hummingbird, .hummingbirdTesting, .logging, .mustache, .nioCore,
            ]),
        tests("NoticesTests", ["Notices", "MailModel", "Storage", "TestSupport", .logging]),
        tests(
            "WebTests",
            ["Encoding", "JSON", "Web", "MailModel", "TestSupport", .hummingbird, .logging, .nioCore, .nioEmbedded, .nioHTTPTypes]),
        tests(
            "SESAPITests",
            [
                "SESAPI", "Access", "AmazonSES", "Concurrency", "Encoding", "JSON", "MailModel", "Outbound", "Recipients", "Sending",
                "Storage",
                "TestSupport", "Web", .hummingbird, .hummingbirdTesting, .logging, .nioCore,
            ]),
        tests(
            "HTTPAPITests",
            [
                "Concurrency", "HTTPAPI", "Access", "MartletClient", "Outbound", "Platform", "Sending", "Recipients", "Feedback",
                "Callbacks", "Reports", "AmazonSES", "MailModel",
                "DNS", "JSON", "Metering", "Storage", "TestSupport", "Web", .hummingbird, .hummingbirdTesting, .logging, .nioCore,
                .nioPosix,
            ]),
        tests(
            "RuntimeTests",
            [
                "Encoding", "Runtime", "AmazonSES", "JSON", "MailModel", "Metering", "Periodic", "SMTP", "Storage", "TestSupport", .logging,
            ]),
        // The bundle has the shared suites in it by depending on them.
        tests("ArchitectureTests", sharedSuites),
    ]
)
