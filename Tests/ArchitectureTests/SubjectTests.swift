import Testing

/// What is asked or changed in a transaction belongs to the subjects of Storage.
///
/// A use case of another module is a value with `run(in:)`, and extends none of Storage's types (`docs/architecture.md`, "Storage").
struct SubjectTests {
    private static let storage = SourceModule.all.first { $0.name == "Storage" }
    private static let others = SourceModule.all.filter { $0.name != "Storage" }
    /// For tests: prepares and inspects what is in a store.
    private static let testSupport = "TestSupport"

    /// The types of the subjects, by the properties that return them: `var domains: Domains<Self> { Domains(tx: self) }`.
    private static let subjects: Set<String> = {
        let text = storage?.files.map(\.text).joined(separator: "\n") ?? ""
        let properties = text.matches(of: /package var \w+: (\w+)(?:<Self>)? \{ (\w+)\(tx: self\) \}/)
        return Set(properties.filter { $0.1 == $0.2 }.map { String($0.1) })
    }()

    @Test func `the subjects are found`() {
        #expect(Self.subjects.isSuperset(of: ["Accounts", "Domains", "Emails", "EmailQueue", "CallbackOutbox", "SendingShares"]))
        #expect(Self.subjects.count > 20)
    }

    @Test(arguments: others)
    func `no other module extends them`(_ module: SourceModule) throws {
        let names = Self.subjects.union(["Transaction", "ReadTransaction", "ReadableTransaction", "Store"])
            .subtracting(module.name == Self.testSupport ? ["Store"] : []).sorted()
        let expression = try Regex<Substring>(#"\bextension (?:Storage\.)?(?:\#(names.joined(separator: "|")))\b(?!\.)"#)
        #expect(module.lines(matching: expression) == [])
    }

    @Test(arguments: SourceModule.all)
    func `no transaction is cast to the other kind`(_ module: SourceModule) {
        #expect(module.lines(matching: /\b(?:as[?!]|is) (?:any )?(?:Transaction|ReadTransaction|ReadableTransaction)\b/) == [])
    }
}
