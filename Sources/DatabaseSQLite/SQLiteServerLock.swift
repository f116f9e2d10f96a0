import Database
import Glibc
import Synchronization

/// The lock of the one server on a SQLite file.
///
/// A `flock` on the file itself: it belongs to the file and not to one of its names, so paths through links lead to the same lock; the system
/// lets go of it when the process ends, however it ends; and SQLite, whose own locks are of another kind (`fcntl`), does not notice it.
///
/// Closing any descriptor of a file drops the `fcntl` locks of the whole process on it. So the descriptor is opened before SQLite's and closed
/// after them.
package final class SQLiteServerLock: Sendable {
    /// Another server has the file.
    package struct Held: Error, Equatable, CustomStringConvertible {
        package var path: String
        /// The other server; `nil` where the system does not tell.
        package var process: Int?

        package init(path: String, process: Int?) {
            self.path = path
            self.process = process
        }

        package var description: String {
            let who = process.map { "by process \($0)" } ?? "by another process"
            return
                "\(path) is already served \(who): one server at a time can use a SQLite file. Stop the other one, or use PostgreSQL for many nodes."
        }
    }

    private let descriptor: Mutex<Int32?>

    /// Takes the lock of a file that exists.
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

    /// Lets another server have the file. To be called after SQLite has closed it.
    package func release() {
        descriptor.withLock { descriptor in
            if let open = descriptor { close(open) }
            descriptor = nil
        }
    }

    /// The process that holds a `flock` on the file, by the system's list of locks (proc(5), `/proc/locks`).
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
