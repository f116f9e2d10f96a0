import AsyncHTTPClient
import Foundation
import NIOCore
import NIOHTTP1
import Operations
import PolicyServer
import Storage

/// Looks at a server from outside, as its settings say where it is.
struct Doctor {
    private let settings: Settings

    init(_ settings: Settings) {
        self.settings = settings
    }

    func examine() async -> [Finding] {
        var findings = [configuration, await database()]
        if settings.roles.contains(.http) { findings.append(await http()) }
        if settings.roles.contains(.policy), let policy = await policy() { findings.append(policy) }
        return findings
    }

    private var configuration: Finding {
        let notes = settings.notes.isEmpty ? "" : ", but: \(settings.notes.joined(separator: "; "))"
        return Finding("configuration", isWell: true, "is right" + notes)
    }

    private func database() async -> Finding {
        let name: String
        switch settings.database {
        case .sqlite(let path):
            name = path
            // Opening would make it.
            guard FileManager.default.fileExists(atPath: path) else {
                return Finding("database", isWell: false, "\(path) does not exist: `martlet migrate` or `martlet serve` makes it")
            }
        // Its URL may hold a password.
        case .postgres: name = "PostgreSQL"
        }
        return await database(name)
    }

    private func database(_ name: String) async -> Finding {
        do {
            let store = try await OpenStore.open(settings)
            let steps = try await store.pendingMigrations()
            try await store.close()
            guard steps.isEmpty else {
                return Finding("database", isWell: false, "\(name) lacks \(steps.joined(separator: ", ")): run `martlet migrate`")
            }
            return Finding("database", isWell: true, "\(name) opens and is up to date")
        } catch {
            return Finding("database", isWell: false, "\(name): \(error)")
        }
    }

    private func http() async -> Finding {
        let url = settings.localURL + "/readyz"
        do {
            let response = try await HTTPClient.shared.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
            let status = Int(response.status.code)
            return Finding("http", isWell: status == 200, "\(url) answers \(status)")
        } catch {
            return Finding("http", isWell: false, "\(url) does not answer: \(error)")
        }
    }

    /// `nil` where there is no such door.
    private func policy() async -> Finding? {
        guard let address = settings.policy.listen else { return nil }
        do {
            let action = try await PolicyProbe(address).run()
            return Finding("policy", isWell: action == "DUNNO", "\(address) answers a request with \(action)")
        } catch {
            return Finding("policy", isWell: false, "\(address) does not answer: \(error)")
        }
    }
}
