import Testing

/// Holds what `docs/architecture.md` says about layers.
///
/// A new module has to be given its layer here.
struct LayerTests {
    /// Every module of the product and its layer.
    ///
    /// A module imports only from layers below its own.
    static let layers = [
        "Concurrency": 0, "Encoding": 0, "JSON": 0, "MailModel": 0,
        "Database": 1, "DatabasePostgres": 1, "DatabaseSQLite": 1, "Storage": 1, "AmazonSES": 1, "DNS": 1, "MIME": 1, "Metering": 1,
        "Periodic": 1, "Telemetry": 1,
        "SMTP": 1, "MartletClient": 1,
        "Access": 2, "Outbound": 2, "Sending": 2, "Recipients": 2, "Feedback": 2, "Callbacks": 2, "Reports": 2, "Audit": 2,
        "Notices": 2,
        "Web": 3, "Platform": 3,
        "Dashboard": 4, "HTTPAPI": 4, "SESAPI": 4, "Runtime": 4, "PolicyServer": 4, "SMTPServer": 4,
        "martlet": 5,
    ]

    /// Imports within a layer: drivers implement Database and Storage uses it; the others are shims of system libraries, and metrics.
    private static let neighbours: Set = [
        "DNS -> CResolver", "DNS -> CPSL", "MailModel -> CIDN2", "DatabasePostgres -> Database", "DatabasePostgres -> CLibPQ",
        "DatabaseSQLite -> Database",
        "Storage -> Database", "Storage -> Metering", "Telemetry -> Periodic",
    ]

    /// Not part of the product, which imports none of them.
    private static let tools: Set = ["TestSupport", "optimised-tests", "policy-load", "ses-sink", "yardsticks"]

    /// Headers of system libraries.
    private static let shims: Set = ["CIDN2", "CLibPQ", "CPSL", "CResolver"]

    private static let modules = SourceModule.all.filter { !tools.contains($0.name) && !shims.contains($0.name) }

    @Test func everyModuleHasALayer() {
        #expect(Set(Self.modules.map(\.name)) == Set(Self.layers.keys))
        #expect(Self.modules.allSatisfy { !$0.files.isEmpty })
    }

    @Test(arguments: modules)
    func importsComeFromBelow(_ module: SourceModule) throws {
        let layer = try #require(Self.layers[module.name])
        for imported in module.imports where !Self.neighbours.contains("\(module.name) -> \(imported)") {
            #expect(Self.layers[imported, default: -1] < layer, "\(module.name) imports \(imported)")
            #expect(!Self.tools.contains(imported), "\(module.name) imports \(imported)")
        }
    }

    /// What a service refused reaches it as a `Refusal` of MailModel.
    @Test func webImportsNoService() throws {
        let web = try #require(Self.modules.first { $0.name == "Web" })
        #expect(web.imports.filter { Self.layers[$0] == 2 || ["Storage", "AmazonSES"].contains($0) } == [])
    }

    @Test(arguments: modules.filter { layers[$0.name] == 0 })
    func valuesAndRulesStandAlone(_ module: SourceModule) {
        // libidn2 has pure functions only, DequeModule a collection.
        #expect(module.imports.subtracting(["Swift", "Synchronization", "FoundationEssentials", "CIDN2", "DequeModule"]) == [])
    }

    /// Otherwise the module cannot be named where the type is in scope.
    @Test(arguments: SourceModule.all)
    func noTypeIsNamedLikeItsModule(_ module: SourceModule) throws {
        let expression = try Regex<Substring>(#"\b(?:struct|class|enum|actor|protocol|typealias) \#(module.name)\b"#)
        #expect(module.lines(matching: expression) == [])
    }

    @Test(arguments: modules.filter { layers[$0.name, default: 0] < 3 })
    func requestsAreParsedByInterfacesAlone(_ module: SourceModule) {
        #expect(module.imports.filter { $0.hasPrefix("Hummingbird") || $0.hasPrefix("HTTPTypes") } == [])
    }

    @Test(arguments: modules.filter { layers[$0.name, default: 0] > 1 })
    func onlyStorageHasSQL(_ module: SourceModule) {
        #expect(module.lines(matching: /\b(?:SELECT [\w*]|INSERT INTO|DELETE FROM|CREATE TABLE|UPDATE \w+ SET )/) == [])
        // Errors of a database are mapped to answers; of its other types none is used above.
        #expect(module.lines(matching: /\bDatabase(?:Transaction|Row|Value)\b|\bany Database\b/) == [])
        #expect(module.name == "martlet" || module.imports.isDisjoint(with: ["DatabasePostgres", "DatabaseSQLite", "GRDB"]))
    }

    @Test(arguments: SourceModule.all)
    func nothingIsForced(_ module: SourceModule) {
        #expect(module.lines(matching: /\btry! |\bas! |\bfatalError\(/) == [])
    }
}
