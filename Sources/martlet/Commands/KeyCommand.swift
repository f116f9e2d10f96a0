import Access
import ArgumentParser
import JSON
import MailModel
import Runtime
import Storage

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Make, list and revoke the keys of customers.",
        discussion: "Works on the database; a server may be running.",
        subcommands: [Create.self, List.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Make a key and print its token, which is shown this once.")

        @Argument(help: "The account it belongs to (partner_ref); made on first use.")
        var account: String

        @Option(help: "Who acts with it; the account's name when nothing is given.")
        var name: String?

        @Option(help: ArgumentHelp("What it may do: send, read, manage; separated by commas.", valueName: "scopes"), transform: parseScopes)
        var scopes = Set(Scope.allCases)

        @Option(help: ArgumentHelp("When it ends, such as 2027-01-31T00:00:00Z.", valueName: "time"), transform: parseTime)
        var expires: Timestamp?

        @OptionGroup var configuration: ConfigurationOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let (key, token) = try await useKeys(configuration) { keys in
                try await keys.create(NewKey(accountReference: account, name: name, scopes: scopes, expiresAt: expires))
            }
            var shown = row(key)
            shown["token"] = .string(token)
            Output.show(shown, asJSON: format.asJSON)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys, newest first; never their tokens.")

        @Option(help: "At most this many.")
        var limit = 1000

        @OptionGroup var configuration: ConfigurationOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let keys = try await useKeys(configuration) { try await $0.list(limit: max(1, limit)) }
            Output.show(keys.map(row), asJSON: format.asJSON)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key out of use. A running server follows within five seconds.")

        @Argument(help: "The key's id, as `martlet key list` shows it.")
        var id: Int64

        @OptionGroup var configuration: ConfigurationOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let key = try await useKeys(configuration) { keys in
                var changes = KeyChanges()
                changes.isActive = false
                return try await keys.update(id, changes)
            }
            Output.show(row(key), asJSON: format.asJSON)
        }
    }
}

private func useKeys<Value>(_ configuration: ConfigurationOptions, _ body: (KeyService) async throws -> Value) async throws -> Value {
    try await OpenStore.use(configuration.settings()) { store in
        // The authenticator's cache is this process's own: the token it would accept does not matter here.
        try await body(KeyService(store: store, authenticator: Authenticator(store: store, masterToken: "unused")))
    }
}

private func row(_ key: APIKey) -> JSONObject {
    [
        "id": .integer(key.id), "partner_ref": .string(key.account.reference), "name": .string(key.name),
        "scopes": .array(key.scopes.map(\.rawValue).sorted().map { .string($0) }), "active": .bool(key.isActive),
        "expires_at": .text(key.expiresAt?.description), "created_at": .string(key.createdAt.description),
        "last_used_at": .text(key.lastUsedAt?.description),
    ]
}

private func parseScopes(_ text: String) throws -> Set<Scope> {
    let parts = text.split(separator: ",").map { Scope(rawValue: String($0)) }
    guard !parts.isEmpty, !parts.contains(nil) else { throw ValidationError("expected send, read, manage, separated by commas") }
    return Set(parts.compactMap(\.self))
}

private func parseTime(_ text: String) throws -> Timestamp {
    guard let time = Timestamp(rfc3339: text) else { throw ValidationError("expected a time such as 2027-01-31T00:00:00Z") }
    return time
}
