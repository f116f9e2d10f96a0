import Testing

/// A target declares in `Package.swift` the modules that it imports, and no others.
struct PackageTests {
    /// Modules of the toolchain and the system.
    private static let system: Set = ["Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Swift", "Synchronization", "Testing"]

    private static let targets = (SourceModule.all + SourceModule.tests).filter { !$0.files.isEmpty }

    @Test(arguments: targets)
    func `dependencies are what is imported`(_ target: SourceModule) throws {
        let declared = try #require(try PackageManifest.ofThisPackage().dependencies[target.name], "\(target.name) is no target")
        let imported = target.imports.subtracting(Self.system)
        #expect(imported.subtracting(declared).sorted() == [], "imported, not declared")
        // A bundle of tests has other suites in it by depending on them.
        let suites = Set(SourceModule.tests.map(\.name))
        #expect(declared.subtracting(imported).subtracting(suites).sorted() == [], "declared, not imported")
    }

    @Test func `the manifest is read`() {
        let manifest = PackageManifest(
            """
            extension Target.Dependency {
                static let nioCore = product(name: "NIOCore", package: "swift-nio")
            }
            let shared: [Target.Dependency] = ["ATests"]
            targets: [
                module("A"),
                module("B", ["A", .nioCore]),
                .executableTarget(
                    name: "c-d",
                    dependencies: [
                        "A",
                        "B",
                    ],
                    resources: [.embedInCode("E")]),
                sharedTests("ATests", ["A"]), tests("BTests", shared),
            ]
            """)
        #expect(
            manifest.dependencies == [
                "A": [], "B": ["A", "NIOCore"], "c-d": ["A", "B"], "ATests": ["A"], "BTests": ["ATests"],
            ])
    }
}
