import Encoding
import Foundation
import Testing

@testable import Runtime

struct SecretsKeyTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID())").path
    private static let text = Base64.encode(Array(repeating: 7, count: 32))

    @Test func `a configured key needs no file`() throws {
        let settings = try settings(["MARTLET_SECRETS_KEY": Self.text, "MARTLET_DATABASE_URL": "sqlite:\(folder)/m.sqlite"])
        #expect(try SecretsKey.find(settings) == Array(repeating: 7, count: 32))
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func `a generated key is stored in a private file`() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateFiles.createFolder(folder)
        let settings = try settings(["MARTLET_DATABASE_URL": "sqlite:\(folder)/m.sqlite"])
        let key = try SecretsKey.find(settings)
        #expect(key?.count == 32)
        #expect(try SecretsKey.find(settings) == key)
        let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/secrets-key")
        #expect(try #require(attributes[.posixPermissions] as? Int) & 0o777 == 0o600)
    }

    /// Each node would make its own, and none could open what another one has sealed.
    @Test func `with PostgreSQL none is generated`() throws {
        #expect(try SecretsKey.find(settings(["MARTLET_DATABASE_URL": "postgres://a@127.0.0.1/b"])) == nil)
    }

    @Test(arguments: ["", "short\n", text + text]) func `a file without a key is refused`(_ content: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateFiles.createFolder(folder)
        let path = folder + "/secrets-key"
        #expect(FileManager.default.createFile(atPath: path, contents: Data(content.utf8), attributes: [.posixPermissions: 0o600]))
        let error = #expect(throws: FileError.self) {
            try SecretsKey.find(settings(["MARTLET_DATABASE_URL": "sqlite:\(folder)/m.sqlite"]))
        }
        #expect(error?.explanation.contains("32 bytes") == true)
    }

    @Test(arguments: ["", "x", "AAAA", String(text.dropLast(4))]) func `a malformed key stops the start`(_ text: String) {
        let error = #expect(throws: SettingsError.self) { try settings(["MARTLET_SECRETS_KEY": text]) }
        #expect(error?.problems.contains { $0.contains("MARTLET_SECRETS_KEY") && $0.contains("32 bytes in base64") } == true)
    }

    private func settings(_ environment: [String: String]) throws -> Settings {
        try Settings.read(SettingsSource(environment: environment))
    }
}
