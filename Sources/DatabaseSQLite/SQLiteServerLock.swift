import Database
import Glibc
import Synchronization

import class GRDB.DatabaseQueue

/// The lock of the one server on a SQLite file.
///
/// A `flock` on the file itself: it belongs to the file and not to one of its names, so that paths through links have the same lock; the
/// system releases it when the process ends, however it ends; and it does not interfere with the locks of SQLite, which are `fcntl` locks.
///
/// Closing any descriptor of a file drops the `fcntl` locks of the whole process on it. So the descriptor is opened before SQLite's and closed
/// after them.
package final class SQLiteServerLock: Sendable {
    /// Another server uses the file.
    package struct Held: Error, Equatable, CustomStringConvertible {
        /// The path of the database file.
        package var path: String
        /// The process id of the other server; `nil` where the system does not show it.
        package var process: Int?

        /// An error for a file.
        package init(path: String, process: Int?) {
            self.path = path
            self.process = process
        }

        /// What to do, for the operator.
        package var description: String {
            let who = process.map { "by process \($0)" } ?? "by another process"
            return
                "\(path) is already served \(who): one server at a time can use a SQLite file. Stop the other one, or use PostgreSQL for many nodes."
        }
    }

    private let descriptor: Mutex<Int32?>

    /// Acquires the lock of a file that exists.
    ///
    /// - Throws: ``Held``, or ``DatabaseError`` where the file cannot be opened.
    package init(path: String) throws {
        let descriptor = open(path, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { throw DatabaseError(.unavailable, "\(path): \(String(cString: strerror(errno)))") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            let code = errno
            if code == EINTR { continue }
            let holder = Self.holder(of: descriptor)
            close(descriptor)
            guard code == EWOULDBLOCK else {
                throw DatabaseError(.unavailable, "\(path) cannot be locked: \(String(cString: strerror(code)))")
            }
            throw Held(path: path, process: holder)
        }
        self.descriptor = Mutex(descriptor)
    }

    deinit {
        release()
    }

    /// Releases the lock.
    ///
    /// To be called after SQLite has closed the file.
    package func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }

    /// Returns the process that holds a `flock` on the file, by the system's list of locks (proc(5), `/proc/locks`).
    private static func holder(of descriptor: Int32) -> Int? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, let locks = fopen("/proc/locks", "re") else { return nil }
        defer { fclose(locks) }
        let file = ":\(status.st_ino)"
        var line = [CChar](repeating: 0, count: 512)
        while fgets(&line, Int32(line.count), locks) != nil {
            // 1: FLOCK  ADVISORY  WRITE 708 00:2d:1310 0 EOF
            let text = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            let words = text.split(whereSeparator: \.isWhitespace)
            guard words.count > 5, words[1] == "FLOCK", words[5].hasSuffix(file), let process = Int(words[4]), process > 0 else { continue }
            return process
        }
        return nil
    }
}

extension SQLiteDatabase {
    /// Whether another process, or another connection of this one, has the file open.
    ///
    /// In WAL mode every connection holds a shared lock on the file for as long as it lives, with which an exclusive connection conflicts
    /// (sqlite.org, "Write-Ahead Logging", section 6.3).
    package static func isInUse(path: String) throws -> Bool {
        do {
            let connection = try DatabaseQueue(path: path)
            defer { try? connection.close() }
            try connection.inDatabase { connection in
                try connection.execute(sql: "PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE; COMMIT")
            }
            return false
        } catch {
            let error = DatabaseError.mapping(error)
            if (error as? DatabaseError)?.code == .busy { return true }
            throw error
        }
    }
}
