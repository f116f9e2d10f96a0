import CLibPQ
import Database
import Dispatch
import Glibc
import Synchronization

/// A connection that listens for notifications, on a thread of its own.
final class NotificationListener: Sendable {
    private static let reconnectDelay: Int32 = 500

    private let settings: PostgresSettings
    private let queue = DispatchQueue(label: "martlet.postgres.notifications")
    /// Both ends of a pipe: a byte written into it ends the thread.
    private let stop: (read: Int32, write: Int32)

    /// A listener; `nil` when the process has no file descriptor left.
    init?(_ settings: PostgresSettings) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return nil }
        stop = (ends[0], ends[1])
        self.settings = settings
    }

    deinit {
        Glibc.close(stop.read)
        Glibc.close(stop.write)
    }

    /// Listens until the task is cancelled.
    ///
    /// The thread, which may be connecting, ends a little later.
    func run(_ didHear: @escaping @Sendable (String?) -> Void) async {
        let (words, heard) = AsyncStream.makeStream(of: String?.self)
        queue.async { self.work { heard.yield($0) } }
        await withTaskCancellationHandler {
            for await word in words { didHear(word) }
        } onCancel: {
            var byte: UInt8 = 0
            _ = write(stop.write, &byte, 1)
        }
    }

    private func work(_ didHear: (String?) -> Void) {
        let connection = PostgresConnection(settings)
        var hasListened = false
        while !Self.isReadable(stop.read, within: 0) {
            do {
                try connection.open()
                try connection.command("LISTEN \(PostgresNotifications.channel)")
                if hasListened { didHear(nil) }
                hasListened = true
                repeat {
                    for word in try connection.drainNotifications() { didHear(word) }
                } while try connection.waitForInput(interrupt: stop.read)
            } catch {
                // The nodes poll meanwhile.
                connection.close()
                _ = Self.isReadable(stop.read, within: Self.reconnectDelay)
            }
        }
        connection.close()
    }

    private static func isReadable(_ file: Int32, within milliseconds: Int32) -> Bool {
        var wanted = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
        return poll(&wanted, 1, milliseconds) > 0
    }
}

extension PostgresConnection {
    /// Waits for data from the server.
    ///
    /// - Parameter interrupt: a file descriptor.
    /// - Returns: false when `interrupt` has become readable.
    fileprivate func waitForInput(interrupt: Int32) throws -> Bool {
        var wanted = [
            pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0), pollfd(fd: interrupt, events: Int16(POLLIN), revents: 0),
        ]
        while poll(&wanted, 2, -1) < 0 {
            guard errno == EINTR else { throw DatabaseError(.unavailable, "poll failed: \(errno)") }
        }
        return wanted[1].revents == 0
    }

    fileprivate func drainNotifications() throws -> [String] {
        guard PQconsumeInput(connection) == 1 else { throw DatabaseError(.unavailable, "the listening connection broke") }
        var words: [String] = []
        while let notification = PQnotifies(connection) {
            words.append(String(cString: notification.pointee.extra))
            PQfreemem(notification)
        }
        return words
    }
}
