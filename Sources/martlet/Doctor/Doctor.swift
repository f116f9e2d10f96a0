import AmazonSES
import AsyncHTTPClient
import Foundation
import JSON
import Logging
import MailModel
import NIOCore
import NIOHTTP1
import PolicyServer
import Runtime
import Storage

/// The checks of a server from outside, and of the services that it uses.
struct Doctor {
    private let settings: Settings
    private let environment: [String: String]
    private let machine: [MachineCheck.Result]

    /// Creates the checks of the server with these settings.
    ///
    /// - Parameters:
    ///   - environment: the environment of the process, with AWS's variables.
    ///   - machine: the results for this machine.
    init(_ settings: Settings, environment: [String: String], machine: [MachineCheck.Result]) {
        self.settings = settings
        self.environment = environment
        self.machine = machine
    }

    /// Runs all checks, which change nothing.
    func examine() async throws -> [Finding] {
        var findings = [configuration] + machine.map(Finding.init) + [notices] + ProductionChecks(settings).examine()
        findings += await database()
        if settings.roles.contains(.http) { findings.append(await http()) }
        if settings.roles.contains(.policy), let policy = await policy() { findings.append(policy) }
        if settings.transport == .ses { findings += try await ses() }
        findings += try await QueueChecks(settings: settings, environment: environment).examine()
        return findings
    }

    private var configuration: Finding {
        let notes = settings.notes.isEmpty ? "" : ", but: \(settings.notes.joined(separator: "; "))"
        return Finding("configuration", isWell: true, "is right" + notes)
    }

    private var notices: Finding {
        guard let sender = settings.notices.sender else {
            return Finding(
                "notices", isWell: true,
                "go out by callbacks and on the dashboard alone: MARTLET_NOTICES_FROM is not set, so nobody is mailed a warning")
        }
        let operators = settings.notices.operators.isEmpty ? "nobody of the operator: MARTLET_NOTICES_TO is not set" : "the operator"
        return Finding("notices", isWell: true, "are mailed from \(sender.masked) to the contacts of accounts and to \(operators)")
    }

    private func database() async -> [Finding] {
        let name: String
        switch settings.database {
        case .sqlite(let path):
            name = path
            // Opening would create it.
            guard FileManager.default.fileExists(atPath: path) else {
                return [Finding("database", isWell: false, "\(path) does not exist: `martlet migrate` or `martlet serve` creates it")]
            }
        // Its URL may hold a password.
        case .postgres: name = "PostgreSQL"
        }
        return await database(name)
    }

    private func database(_ name: String) async -> [Finding] {
        do {
            let store = try await OpenStore.open(settings)
            let steps = try await store.pendingMigrations()
            let further = steps.isEmpty ? try await clock(of: store) + topic(in: store) + StoreChecks(store).examine() : []
            try await store.close()
            guard steps.isEmpty else {
                return [Finding("database", isWell: false, "\(name) lacks \(steps.joined(separator: ", ")): run `martlet migrate`")]
            }
            return [Finding("database", isWell: true, "\(name) opens and is up to date")] + further
        } catch {
            return [Finding("database", isWell: false, "\(name): \(error)")]
        }
    }

    /// Checks whether this machine's clock agrees with the database's, and no email is newer than the present.
    private func clock(of store: Store) async throws -> [Finding] {
        guard let clock = store.clock else { return [] }
        let offset = clock.offset.components.seconds
        if clock.isMachineWrong {
            let place = offset < 0 ? "behind" : "ahead of"
            let what = "this machine's clock is \(abs(offset)) s \(place) the database's: set it right, by a time server if possible"
            return [Finding("clock", isWell: false, what + "; until then this node delivers nothing")]
        }
        if let newest = try await store.read({ try $0.emails.newestTime() }), newest > store.now + DatabaseClock.bound {
            return [
                Finding("clock", isWell: false, "the newest email was accepted at \(newest), and it is \(store.now): is the clock behind?")
            ]
        }
        let agreement = "agrees with the database's to \(abs(clock.offset.milliseconds)) ms"
        return [Finding("clock", isWell: true, clock.hasServer ? agreement : "is not behind what is stored")]
    }

    /// Shows the pinned SNS topic; no result where topics are configured, or none was pinned.
    private func topic(in store: Store) async throws -> [Finding] {
        guard settings.sns.topicARNs.isEmpty, let topic = try await store.read({ try $0.topics.pinned() }) else { return [] }
        return [Finding("sns", isWell: true, "\(topic) is trusted")]
    }

    private func ses() async throws -> [Finding] {
        let configuration = try AWSConfiguration(checking: environment)
        let http = AWSHTTPClient(connectionsPerHost: 1)
        let client = SESClient(configuration, environment: environment, http: http, logger: .quiet)
        let findings = await SESChecks(settings: settings, ses: client).examine()
        try await http.shutdown()
        return findings
    }

    private func http() async -> Finding {
        let url = settings.localURL + "/readyz"
        do {
            let response = try await HTTPClient.commands.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
            let status = Int(response.status.code)
            return Finding("http", isWell: status == 200, "\(url) answers \(status)")
        } catch {
            return Finding("http", isWell: false, "\(url) does not answer: \(error)")
        }
    }

    /// Checks the policy daemon; `nil` where there is none.
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

/// The result of one check of `martlet doctor`.
struct Finding: Sendable {
    let check: String
    let isWell: Bool
    /// A sentence for people: what was found, and what to do if it is wrong.
    let detail: String

    init(_ check: String, isWell: Bool, _ detail: String) {
        self.check = check
        self.isWell = isWell
        self.detail = detail
    }

    init(_ result: MachineCheck.Result) {
        switch result.outcome {
        case .well(let sentence), .notice(let sentence): self.init(result.check, isWell: true, sentence)
        case .wrong(let sentence), .misconfigured(let sentence): self.init(result.check, isWell: false, sentence)
        }
    }

    var json: JSONObject { ["check": .string(check), "ok": .bool(isWell), "detail": .string(detail)] }
    var row: JSONObject { ["check": .string(check), "state": .string(isWell ? "ok" : "WRONG"), "detail": .string(detail)] }
}
