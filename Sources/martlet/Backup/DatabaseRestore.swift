import DatabaseSQLite
import Glibc
import MailModel
import Runtime
import Storage

/// Puts a backup in the place of a SQLite database, held, so that nothing is sent before somebody has looked at it (specification 12.7).
///
/// All is prepared in a file beside the place, and takes the place by one rename: what is interrupted leaves the database as it was.
struct DatabaseRestore {
    /// What was restored.
    struct Report {
        var copy: SQLiteBackup.Copy
        var waiting: WaitingWork
    }

    static let reason = "restored from a backup"

    let file: String
    let path: String
    let overwrites: Bool
    /// The settings, of which the database is another one.
    let settings: Settings

    func run() async throws -> Report {
        guard PrivateFiles.exists(file) else { throw CommandFailure("\(file): no such file") }
        guard overwrites || !PrivateFiles.exists(path) else {
            throw CommandFailure("\(path) exists: --force replaces it, and what is in it is gone then")
        }
        try PrivateFiles.createFolder(PrivateFiles.folder(of: path))
        let draft = "\(path).restore-\(getpid())"
        defer { for suffix in ["", "-wal", "-shm"] { unlink(draft + suffix) } }
        // A copy alone would not read indexes, and so not notice that they are damaged.
        try SQLiteBackup.check(file)
        let copy = try SQLiteBackup.copy(file, to: draft)
        let waiting = try await hold(draft)
        try replace(by: draft)
        return Report(copy: copy, waiting: waiting)
    }

    /// Migrates a database and holds it.
    private func hold(_ draft: String) async throws -> WaitingWork {
        var own = settings
        own.database = .sqlite(path: draft)
        let store = try await OpenStore.open(own)
        do {
            let waiting = try await hold(store)
            try await store.close()
            return waiting
        } catch {
            try? await store.close()
            throw error
        }
    }

    private func hold(_ store: Store) async throws -> WaitingWork {
        let unknown: [String]
        do {
            unknown = try await store.unknownMigrations()
        } catch {
            throw CommandFailure("\(file) is no database of Martlet")
        }
        guard unknown.isEmpty else {
            throw CommandFailure(
                "\(file) is of a newer version, which has applied \(unknown.joined(separator: ", ")): restore it with that version")
        }
        try await store.migrate()
        try await store.write { tx in
            try tx.hold.insert(reason: Self.reason)
            let change = AuditChange(.databaseRestore, target: .database, account: nil)
            try tx.audit.insert(change, by: .principal(.master))
        }
        let waiting = try await store.waitingWork()
        // Only the file itself is renamed.
        guard try await store.emptyLog() else { throw CommandFailure("\(file) is restored by another process at this moment") }
        return waiting
    }

    /// Renames the draft to the place, while no other process uses what is there.
    private func replace(by draft: String) throws {
        // Held until the rename: no server starts on the file that is about to go.
        let lock = PrivateFiles.exists(path) ? try SQLiteServerLock(path: path) : nil
        defer { lock?.release() }
        // A damaged file cannot be asked, and is replaced.
        if lock != nil, (try? SQLiteDatabase.isInUse(path: path)) == true {
            throw CommandFailure("\(path) is in use: stop the server and all commands before its database is replaced")
        }
        // The log of the old file would be applied to the new one.
        for suffix in ["-wal", "-shm", "-journal"] { unlink(path + suffix) }
        guard rename(draft, path) == 0 else { throw CommandFailure("\(path): \(String(cString: strerror(errno)))") }
        let folder = open(PrivateFiles.folder(of: path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }
}
