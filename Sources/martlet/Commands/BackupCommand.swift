import ArgumentParser
import DatabaseSQLite
import Glibc
import JSON
import Runtime
import Storage

struct BackupCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "backup", abstract: "Copy the SQLite database into a file, as of one moment, while the server works.",
        discussion: """
            The copy is read back and checked before it gets its name. It has all that was acknowledged before the command began.
            With PostgreSQL use pg_dump. See docs/operations.md for what else to keep, and how to go back.
            """)

    @Argument(help: ArgumentHelp("The file to create, or - for standard output.", valueName: "file"))
    var destination: String

    @Flag(help: "Replace the file if it exists.")
    var force = false

    @OptionGroup var configuration: ConfigurationOptions
    @OptionGroup var format: FormatOptions

    private var isStreamed: Bool { destination == "-" }

    func run() async throws {
        let settings = try configuration.settings()
        guard case .sqlite(let path) = settings.database else {
            throw CommandFailure(
                "The database is PostgreSQL, which has its own tools: pg_dump --format=custom --file FILE \"$MARTLET_DATABASE_URL\"")
        }
        guard PrivateFiles.exists(path) else { throw CommandFailure("\(path): no such file") }
        guard isStreamed || force || !PrivateFiles.exists(destination) else {
            throw CommandFailure("\(destination) exists: --force replaces it")
        }
        let copy = try await CommandFailure.explaining { try back(up: path) }
        await record(copy, in: settings)
        show(copy)
    }

    /// Records the time of the backup in the database, for `martlet doctor`; not in one of another version, which is backed up all the same.
    private func record(_ copy: SQLiteBackup.Copy, in settings: Settings) async {
        do {
            let store = try await OpenStore.open(settings)
            if try await store.pendingMigrations().isEmpty { try await store.write { try $0.backups.record(bytes: copy.bytes) } }
            try await store.close()
        } catch {
            StandardStream.error.write("The time of the backup was not recorded in the database: \(error)\n")
        }
    }

    private func back(up path: String) throws -> SQLiteBackup.Copy {
        let draft = "\(isStreamed ? path : destination).backup-\(getpid())"
        let copy = try SQLiteBackup.copy(path, to: draft)
        if isStreamed { try stream(draft) } else { try rename(draft) }
        return copy
    }

    /// Gives the copy its name.
    private func rename(_ draft: String) throws {
        guard Glibc.rename(draft, destination) == 0 else {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw CommandFailure("\(destination): \(reason)")
        }
    }

    /// Writes the copy to standard output, and deletes it.
    private func stream(_ draft: String) throws {
        let descriptor = open(draft, O_RDONLY | O_CLOEXEC)
        unlink(draft)
        guard descriptor >= 0 else { throw CommandFailure("\(draft): \(String(cString: strerror(errno)))") }
        defer { close(descriptor) }
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            if count == 0 { return }
            guard count > 0 else { throw CommandFailure("\(draft): \(String(cString: strerror(errno)))") }
            guard StandardStream.output.writeAll(buffer[..<count]) else {
                throw CommandFailure("The copy could not be written to standard output: \(String(cString: strerror(errno)))")
            }
        }
    }

    /// Prints what was copied; to standard error where the copy itself went to standard output.
    private func show(_ copy: SQLiteBackup.Copy) {
        let text = format.asJSON ? String(decoding: json(copy).serialized, as: UTF8.self) + "\n" : sentences(copy)
        if isStreamed { StandardStream.error.write(text) } else { Output.write(text) }
    }

    private func json(_ copy: SQLiteBackup.Copy) -> JSONValue {
        let tables = copy.tables.map { JSONValue.object(["table": .string($0.name), "rows": .integer($0.rows)]) }
        return .object([
            "file": .string(destination), "bytes": .integer(copy.bytes), "log_bytes_before": .integer(copy.logBefore),
            "log_bytes_after": .integer(copy.logAfter), "tables": .array(tables),
        ])
    }

    private func sentences(_ copy: SQLiteBackup.Copy) -> String {
        let rows = copy.tables.reduce(0) { $0 + $1.rows }
        let emails = copy.tables.first { $0.name == "emails" }?.rows ?? 0
        return """
            \(isStreamed ? "The copy" : destination) has \(copy.bytes) bytes, \(emails) emails, \(rows) rows in \(copy.tables.count) tables; it was read back and is whole.
            The write-ahead log had \(copy.logBefore) bytes before and \(copy.logAfter) after: it cannot be emptied while a copy is made.

            """
    }
}
