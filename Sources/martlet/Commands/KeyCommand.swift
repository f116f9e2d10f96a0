import Access
import ArgumentParser
import JSON
import MailModel
import Runtime
import Storage

struct KeyCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "key", abstract: "Create, list, rotate and revoke the keys of customers.",
        discussion: "Through a running server, with the master token.",
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self])

    struct Create: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create a key and print its token, which is shown this once.",
            discussion: "With --offline in the database of the settings, for the first key where no server runs yet.")

        @Argument(help: "The account it belongs to (partner_ref); created on first use.")
        var account: String

        @Option(help: "Who acts with it; the account's name when nothing is given.")
        var name: String?

        @Option(
            help: ArgumentHelp("What it may do: send, read, manage; separated by commas.", valueName: "scopes"), transform: Self.parseScopes
        )
        var scopes = Set(Scope.allCases)

        @Option(help: ArgumentHelp("When it ends, such as 2027-01-31T00:00:00Z.", valueName: "time"), transform: Self.parseTime)
        var expires: Timestamp?

        @Option(
            help: ArgumentHelp("The only domains that it may send from, separated by commas.", valueName: "domains"),
            transform: { try Self.parse($0, KeyBounds.domains) })
        var domains: [DomainName]?

        @Option(
            help: ArgumentHelp(
                "The only addresses and networks that it may be used from, such as 192.0.2.7,2001:db8::/32.", valueName: "addresses"),
            transform: { try Self.parse($0, KeyBounds.networks) })
        var allowedIps: [IPNetwork]?

        @Option(
            help: ArgumentHelp("The most requests a second that each node accepts with it.", valueName: "requests"),
            transform: Self.parseRate)
        var rateLimit: Int?

        @Flag(help: "Give it an access key too, with which AWS SDKs sign requests of the API of SES.")
        var aws = false

        @Flag(help: "Create it in the database, without a server.")
        var offline = false

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            Output.show(try await offline ? makeOffline() : makeOnline(), asJSON: format.asJSON)
        }

        private func makeOnline() async throws -> JSONObject {
            var body: JSONObject = ["partner_ref": .string(account), "scopes": .array(scopes.map(\.rawValue).sorted().map { .string($0) })]
            if let name { body["name"] = .string(name) }
            if let expires { body["expires_at"] = .string(expires.description) }
            if let domains { body["domains"] = .array(domains.map { .string($0.description) }) }
            if let allowedIps { body["allowed_ips"] = .array(allowedIps.map { .string($0.description) }) }
            if let rateLimit { body["rate_limit"] = .integer(Int64(rateLimit)) }
            if aws { body["aws"] = .bool(true) }
            return try await server.client().post("/api-keys", body).successful("The key").body
        }

        private func makeOffline() async throws -> JSONObject {
            let settings = try server.configuration.settings()
            let issued = try await OpenStore.use(settings) { [newKey] store in
                let issued = try await Self.create(newKey, in: store, settings)
                return issued
            }
            return Self.shown(issued)
        }

        private var newKey: NewKey {
            var new = NewKey(
                accountReference: account, name: name, scopes: scopes, expiresAt: .some(expires), domains: domains, networks: allowedIps,
                rateLimit: .some(rateLimit))
            new.hasAccessKey = aws
            return new
        }

        private static func create(_ new: NewKey, in store: Store, _ settings: Settings) async throws -> IssuedKey {
            // The authenticator is used for its cache and its secrets only, so its master token does not matter.
            let secrets = try SecretsKey.find(settings).flatMap(SecretBox.init)
            let keys = KeyService(store: store, authenticator: Authenticator(store: store, masterToken: "unused", secrets: secrets))
            return try await keys.create(new, by: .master)
        }

        private static func shown(_ issued: IssuedKey) -> JSONObject {
            var shown: JSONObject = [
                "id": .integer(issued.key.id), "token": .string(issued.token), "partner_ref": .string(issued.key.account.reference),
            ]
            if let access = issued.accessKey {
                shown["aws_access_key_id"] = .string(access.id)
                shown["aws_secret_access_key"] = .string(access.secret)
            }
            return shown
        }

        private static func parseScopes(_ text: String) throws -> Set<Scope> {
            let parts = text.split(separator: ",").map { Scope(rawValue: String($0)) }
            guard !parts.isEmpty, !parts.contains(nil) else { throw ValidationError("expected send, read, manage, separated by commas") }
            return Set(parts.compactMap(\.self))
        }

        private static func parse<Entry>(_ text: String, _ read: ([String]) throws -> [Entry]) throws -> [Entry] {
            let parts = text.split(separator: ",").map(String.init)
            guard !parts.isEmpty else { throw ValidationError("expected at least one entry") }
            do { return try read(parts) } catch let refusal as Refusal { throw ValidationError(refusal.explanation) }
        }

        private static func parseRate(_ text: String) throws -> Int {
            guard let number = Int64(text) else { throw ValidationError("expected a whole number") }
            do { return try KeyBounds.rateLimit(number) } catch { throw ValidationError(error.explanation) }
        }

        private static func parseTime(_ text: String) throws -> Timestamp {
            guard let time = Timestamp(rfc3339: text) else { throw ValidationError("expected a time such as 2027-01-31T00:00:00Z") }
            return time
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "List the keys, newest first; never their tokens.")

        @Option(help: "At most this many, 1 to 1000.")
        var limit = 1000

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let keys = try await server.client().get("/api-keys?limit=\(limit)").successful("Keys").elements
            Output.show(keys, asJSON: format.asJSON)
        }
    }

    struct Rotate: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Give a key a new token and print it; it is shown this once.")

        @Argument(help: "The key's id, as `martlet key list` shows it.")
        var id: Int64

        @Option(help: ArgumentHelp("How long the old token is still accepted, in seconds.", valueName: "seconds"))
        var overlap: Int64 = 0

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let body: JSONObject = ["overlap_seconds": .integer(overlap)]
            Output.show(try await server.client().post("/api-keys/\(id)/rotate", body).successful("Key \(id)").body, asJSON: format.asJSON)
        }
    }

    struct Revoke: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Take a key out of use. Every node follows within five seconds.")

        @Argument(help: "The key's id, as `martlet key list` shows it.")
        var id: Int64

        @OptionGroup var server: ServerOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let key = try await server.client().put("/api-keys/\(id)", ["active": .bool(false)]).successful("Key \(id)").body
            Output.show(key, asJSON: format.asJSON)
        }
    }
}
