import GRDBSQLite
import Synchronization

import struct GRDB.Configuration
import class GRDB.DatabaseQueue

/// The checkpoints of a log: they copy it into the file on a connection and a thread of their own, so that no commit waits for them.
///
/// SQLite begins the log anew only when all of it is copied, which a copy beside a busy writer never achieves: commits follow while it runs.
/// So passes are repeated until little is left, and the writer copies that after a commit. However fast commits follow, the writer does so
/// after ``mostPasses`` passes: the log does not grow without bound. Only a reader that goes on for long keeps it, as everywhere in SQLite.
final class SQLiteCheckpoints: Sendable {
    /// The pages that the writer may copy itself.
    private static let smallRest = 128
    /// The passes after which the writer copies what is left, however much that is.
    private static let mostPasses = 4

    private enum Phase {
        /// Nothing is copied until the log has so many pages.
        case idle(until: Int32)
        case copying
        /// The writer is to copy the rest.
        case copied
    }

    private enum Action {
        case nothing, copy, finish
    }

    private struct State {
        var phase: Phase
        /// The pages of the log after the latest commit.
        var size: Int32 = 0

        /// - Parameter pages: the size from which a new log is copied.
        mutating func committed(_ size: Int32, _ pages: Int32) -> Action {
            self.size = size
            switch phase {
            case .idle(let bound):
                // A smaller log was begun anew.
                phase = .idle(until: size < pages ? pages : bound)
                guard size >= pages, size >= bound else { return .nothing }
                phase = .copying
                return .copy
            case .copying: return .nothing
            case .copied: return .finish
            }
        }
    }

    private let pages: Int32
    private let state: Mutex<State>
    private let queue: DatabaseQueue

    /// - Parameter pages: the size of the log from which it is copied.
    init(path: String, pages: Int32) throws {
        self.pages = pages
        state = Mutex(State(phase: .idle(until: pages)))
        var configuration = Configuration()
        configuration.observesSuspensionNotifications = false
        // The log is given up for what was copied: that has to be on the disk.
        configuration.prepareDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL") }
        queue = try DatabaseQueue(path: path, configuration: configuration)
    }

    /// Makes SQLite report the commits of the connection that writes, in place of its own checkpoints.
    ///
    /// The connection has to be closed before this is given up.
    func follow(_ connection: Connection) {
        let context = Unmanaged.passUnretained(self).toOpaque()
        sqlite3_wal_hook(
            connection.sqliteConnection,
            { context, connection, _, pages in
                guard let context, let connection else { return SQLITE_OK }
                Unmanaged<SQLiteCheckpoints>.fromOpaque(context).takeUnretainedValue().committed(pages, on: connection)
                return SQLITE_OK
            }, context)
    }

    /// Closes the connection, once a checkpoint that is under way has ended.
    func close() throws {
        try queue.close()
    }

    /// Called after each commit, on the writer's thread, with the size of the log.
    private func committed(_ size: Int32, on connection: OpaquePointer) {
        switch state.withLock({ $0.committed(size, pages) }) {
        case .nothing: break
        case .copy: queue.asyncWriteWithoutTransaction { self.copy(on: $0) }
        case .finish: finish(on: connection)
        }
    }

    private func copy(on connection: Connection) {
        for _ in 0..<Self.mostPasses {
            // It fails while another process copies.
            guard let pass = try? connection.checkpoint(.passive) else { break }
            // A reader keeps the rest, or little of it has come since the pass began.
            let rest = state.withLock { Int($0.size) } - pass.walFrameCount
            guard pass.walFrameCount == pass.checkpointedFrameCount, rest > Self.smallRest else { break }
        }
        state.withLock { $0.phase = .copied }
    }

    /// Copies the rest on the connection that writes: the next commit begins the log anew.
    private func finish(on connection: OpaquePointer) {
        var size: Int32 = 0
        var copied: Int32 = 0
        let result = sqlite3_wal_checkpoint_v2(connection, "main", SQLITE_CHECKPOINT_PASSIVE, &size, &copied)
        let isComplete = result == SQLITE_OK && size == copied
        // While a reader keeps the log, it is not tried again after every commit.
        let bound = isComplete ? pages : max(size, 0) + pages
        state.withLock { $0.phase = .idle(until: bound) }
    }
}
