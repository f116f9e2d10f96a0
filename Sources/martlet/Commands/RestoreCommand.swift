import ArgumentParser
import DatabaseSQLite
import JSON
import MailModel
import Runtime
import Storage

struct RestoreCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "restore", abstract: "Put a backup in the place of a SQLite database, held until `martlet release`.",
        discussion: """
            Stop the server first. The backup is checked, and migrated to this version. What came after it is gone, and what was sent after it
            is still in the queue: so nothing is sent, and no callback made, before `martlet release`.
            """)

    @Argument(help: ArgumentHelp("The backup.", valueName: "file"))
    var file: String

    @Option(help: ArgumentHelp("Where the database is to be. Else where the settings say.", valueName: "path"))
    var database: String?

    @Flag(help: "Replace the database that is there.")
    var force = false

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let settings = try configuration.settings()
        let path = try self.path(settings)
        let restore = DatabaseRestore(file: file, path: path, overwrites: force, settings: settings)
        let report = try await CommandFailure.explaining { try await restore.run() }
        show(report, at: path)
    }

    private func path(_ settings: Settings) throws -> String {
        if let database { return database }
        guard case .sqlite(let path) = settings.database else {
            throw CommandFailure("The database is PostgreSQL, which has its own tools: pg_restore. For a SQLite file give --database PATH")
        }
        return path
    }

    private func show(_ report: DatabaseRestore.Report, at path: String) {
        let waiting = report.waiting
        if format.asJSON {
            return Output.show(
                [
                    "database": .string(path), "bytes": .integer(report.copy.bytes),
                    "newest_email": .text(waiting.newestEmail?.description),
                    "queued": .integer(waiting.emails), "attempted": .integer(waiting.attempted), "scheduled": .integer(waiting.scheduled),
                    "callbacks": .integer(waiting.callbacks), "held": .bool(true),
                ], asJSON: true)
        }
        Output.write(
            """
            Restored to \(path). \(waiting.newestEmail.map { "Its newest email was accepted at \($0)" } ?? "It has no email"); what came later is gone.
            In the queue are \(waiting.emails) emails, \(waiting.scheduled) of them scheduled for later and \(waiting.attempted) with an attempt already, and \(waiting.callbacks) callbacks.
            Those that went out after the backup go out again. Nothing does before `martlet release`.

            """)
    }
}

struct ReleaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "release", abstract: "Let a restored database send: deliveries, callbacks and scheduled jobs begin.",
        discussion: "In the database of the settings. A running server notices within a second or two.")

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let hold = try await OpenStore.use(configuration.settings()) { store in
            try await store.write { tx -> WorkHold? in
                guard let hold = try tx.hold.delete() else { return nil }
                try tx.audit.insert(AuditChange(.databaseRelease, target: .database, account: nil), by: .principal(.master))
                return hold
            }
        }
        if format.asJSON {
            Output.show(["released": .bool(hold != nil), "held_since": .text(hold?.since.description)], asJSON: true)
        } else {
            Output.write(hold.map { "Released: it was held since \($0.since), \($0.reason).\n" } ?? "The database is not held.\n")
        }
    }
}
