import Foundation
import Testing

@testable import Runtime

struct MasterTokenTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(UUID())").path

    @Test func configuredTokenNeedsNoFile() throws {
        let found = try MasterToken.find(settings(["MARTLET_MASTER_TOKEN": "0123456789abcdef"]))
        #expect(found == MasterToken(token: "0123456789abcdef", origin: .configured))
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func generatedTokenIsStoredInAPrivateFile() throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateFiles.createFolder(folder + "/deep")
        let settings = try settings(["MARTLET_DATABASE_URL": "sqlite:\(folder)/deep/m.sqlite"])
        let path = folder + "/deep/master-token"
        let generated = try MasterToken.find(settings)
        #expect(generated.origin == .generated(path: path))
        #expect(generated.token.utf8.count == 48)
        #expect(try mode(of: path) == 0o600)
        #expect(try mode(of: folder) == 0o700)
        #expect(try mode(of: folder + "/deep") == 0o700)
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder + "/deep") == ["master-token"])
        #expect(try MasterToken.find(settings) == MasterToken(token: generated.token, origin: .file(path: path)))
    }

    @Test(arguments: [(0o644, "chmod 600"), (0o600, "holds no token")])
    func unfitFileIsRefused(mode: Int, explanation: String) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateFiles.createFolder(folder)
        let path = folder + "/master-token"
        #expect(FileManager.default.createFile(atPath: path, contents: Data("short\n".utf8), attributes: [.posixPermissions: mode]))
        let error = #expect(throws: FileError.self) {
            try MasterToken.find(settings(["MARTLET_DATABASE_URL": "sqlite:\(folder)/m.sqlite"]))
        }
        #expect(error?.path == path)
        #expect(error?.explanation.contains(explanation) == true)
    }

    /// What is no terminal is a log, which is kept and read by others.
    @Test(arguments: [true, false])
    func aGeneratedTokenIsShownOnATerminalOnly(isOnTerminal: Bool) throws {
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try PrivateFiles.createFolder(folder)
        let settings = try settings(["MARTLET_DATABASE_URL": "sqlite:\(folder)/m.sqlite"])
        let generated = try MasterToken.find(settings)
        let text = Greeting(settings, generated, isOnTerminal: isOnTerminal).text
        #expect(text.contains(generated.token) == isOnTerminal)
        #expect(text.contains(folder + "/master-token"))
        #expect(text.contains("  Dashboard      http://127.0.0.1:8080/\n  API reference  http://127.0.0.1:8080/docs\n  Master token   "))
        let known = Greeting(settings, try MasterToken.find(settings), isOnTerminal: true).text
        #expect(!known.contains(generated.token))
    }

    @Test(arguments: [("var/x", "var"), ("x", "."), ("/x", "/"), ("/a/b/c", "/a/b")])
    func folderOfAPath(path: String, folder: String) {
        #expect(PrivateFiles.folder(of: path) == folder)
    }

    private func settings(_ environment: [String: String]) throws -> Settings {
        try Settings.read(SettingsSource(environment: environment))
    }

    private func mode(of path: String) throws -> Int {
        let attributes = try FileManager.default.attributesOfItem(atPath: path)
        return try #require(attributes[.posixPermissions] as? Int) & 0o777
    }
}
