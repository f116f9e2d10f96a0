import Testing

/// Who may do what is asked of one table, `Action.holders` in `MailModel/Access` (specification 2.5): every operation and every page declares
/// its action, and nothing else decides by who the caller is.
struct RightsTests {
    private static let product = SourceModule.all.filter { LayerTests.layers.keys.contains($0.name) }
    private static let interfaces = product.filter { ["HTTPAPI", "Dashboard"].contains($0.name) }

    /// The cases of `Action` with their words.
    private static let actions: [(name: String, word: String)] = {
        let file = product.first { $0.name == "MailModel" }?.files.first { $0.path == "Access/Action.swift" }
        return file?.text.matches(of: /case (\w+) = "([a-z]+\.[a-z]+)"/).map { (String($0.1), String($0.2)) } ?? []
    }()

    @Test func `the actions are found`() {
        #expect(actions.count > 35)
    }

    private var actions: [(name: String, word: String)] { Self.actions }

    /// An action that no interface declares or asks for protects nothing.
    @Test func `every action is used by an interface`() throws {
        for action in actions {
            let use = try Regex<Substring>(#"\.\#(action.name)\b"#)
            let places = (Self.interfaces + Self.product.filter { LayerTests.layers[$0.name] == 2 }).flatMap { $0.lines(matching: use) }
            #expect(!places.isEmpty, "\(action.word) is declared by no operation, page or service")
        }
    }

    /// Files that look at who the caller is, each for another reason than to decide what it may do.
    private static let exceptions: Set = [
        // Whose session it is.
        "Access/Sessions/SessionService.swift",
        // How often a key may be used, and from where.
        "Access/Authenticator.swift",
        // What a key is bound to, and what it may give to another key: no more than it has itself.
        "Access/KeyCommands.swift",
        // Who is signed in, and with which key.
        "Dashboard/Rendering/Layout.swift", "Dashboard/Keys/KeysModel.swift",
    ]

    @Test(arguments: product.filter { $0.name != "MailModel" })
    func `nothing else decides by who the caller is`(_ module: SourceModule) {
        let places =
            module.lines(matching: /\.isMaster\b|principal\.identity\b|case \.client\(|identity == \.master/)
            + module.lines(matching: /\.allows\(\.(?:send|read|manage)\)|scopes\.contains\(\./)
        #expect(places.filter { line in !Self.exceptions.contains { "\(module.name)/\(line)".hasPrefix($0 + ":") } } == [])
    }
}
