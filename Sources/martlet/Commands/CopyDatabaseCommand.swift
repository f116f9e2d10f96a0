import ArgumentParser
import DatabaseSQLite
import JSON
import Runtime
import Storage
import Synchronization

struct CopyDatabaseCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "copy-database", abstract: "Copy a SQLite database into the PostgreSQL database that the settings name.",
        discussion: """
            To go from SQLite to PostgreSQL: stop the server, set MARTLET_DATABASE_URL to an empty PostgreSQL database, copy, start.
            An interrupted copy continues when it is run again. At the end rows and checksums of both sides are compared; until then no
            server starts on the copy. The SQLite file is not changed.
            """)

    @Option(help: ArgumentHelp("The SQLite file to copy.", valueName: "file"))
    var from = "var/martlet.sqlite"

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    func run() async throws {
        let settings = try configuration.settings()
        guard case .postgres = settings.database else {
            throw CommandFailure("MARTLET_DATABASE_URL is where to copy to: expected the postgres:// URL of an empty database")
        }
        var origin = settings
        origin.database = .sqlite(path: from)
        try await CommandFailure.explaining {
            // Opening would create the file.
            guard PrivateFiles.exists(from) else { throw CommandFailure("\(from): no such file") }
            guard try !SQLiteDatabase.isInUse(path: from) else {
                throw CommandFailure("\(from) is in use: stop the server before its database is copied")
            }
        }
        let bar = CopyBar()
        let report = try await OpenStore.use(origin) { source in
            try await OpenStore.useWhileCopied(settings) { destination in
                try await source.copy(to: destination, progress: bar.note)
            }
        }
        bar.finish()
        show(report)
    }

    private func show(_ report: CopyReport) {
        let tables = report.tables.map { table in ["table": .string(table.name), "rows": .integer(table.rows)] as JSONObject }
        guard format.asJSON else {
            Output.show(tables, asJSON: false)
            return Output.write("Copied and compared: the same \(report.rows) rows on both sides.\n")
        }
        Output.show(
            ["rows": .integer(report.rows), "resumed": .bool(report.resumed), "tables": .array(tables.map { .object($0) })], asJSON: true)
    }
}

/// A progress bar of rows, whose number is known once the copy has begun.
private final class CopyBar: Sendable {
    private let bar = Mutex<ProgressBar?>(nil)

    func note(_ step: CopyReport.Step) {
        switch step {
        case .began(let total, let copied):
            let bar = ProgressBar(total: total, in: .rows)
            bar.add(Int(copied))
            self.bar.withLock { $0 = bar }
        case .copied(let rows): bar.withLock { $0 }?.add(rows)
        case .verifies: finish()
        }
    }

    func finish() {
        bar.withLock { $0 }?.finish()
    }
}
