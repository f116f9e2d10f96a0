import MailModel
import Testing

@testable import Runtime

struct OpenFilesTests {
    private func settings(_ environment: [String: String]) throws -> Settings {
        try Settings.read(SettingsSource(environment: environment))
    }

    @Test(arguments: [
        ("http", 1024, 832), ("http", 65_536, 4096), ("http", 192, nil), ("http", 208, 16),
        ("http,delivery,callbacks,scheduler", 1024, nil),
        ("http,delivery,callbacks,scheduler", 4096, 2688), ("http,delivery,callbacks,scheduler", 1_048_576, 4096),
    ])
    func `connections get what all else leaves`(roles: String, limit: Int, expected: Int?) throws {
        let settings = try settings(["MARTLET_ROLES": roles])
        #expect(OpenFiles(settings, limit: limit).connections(atMost: settings.http.maxConnections) == expected)
    }

    @Test func `the database and the policy daemon have their own`() throws {
        let plain = OpenFiles(try settings([:]), limit: 10_000).reserved
        let policy = OpenFiles(try settings(["MARTLET_POLICY_LISTEN": "127.0.0.1:10040"]), limit: 10_000).reserved
        let postgres = OpenFiles(
            try settings(["MARTLET_DATABASE_URL": "postgres://db/martlet", "MARTLET_DATABASE_CONNECTIONS": "100"]), limit: 10_000
        ).reserved
        #expect(policy == plain + 1024 && postgres == plain + 100 + 8 - 64)
    }

    @Test func `the limit is raised as far as the system allows`() {
        let limit = OpenFiles.raiseLimit()
        #expect(limit >= 256 && OpenFiles.raiseLimit() == limit)
    }
}
