import CLibPQ
import Database
import Glibc

/// A connection to the server, opened when it is first needed and again after it broke.
///
/// Used by one thread at a time.
///
/// Every call blocks its thread, no longer than the time-outs of the session and of TCP.
package final class PostgresConnection {
    private let settings: PostgresSettings
    private let breaks: SessionBreaks
    private(set) var connection: OpaquePointer?
    /// The number of breaks when the session began.
    private var breaksBefore = 0
    /// The names of the session's prepared statements, by the statement and the types of its arguments.
    private var prepared: [StatementKey: String] = [:]

    /// Whether the last failure was a deadlock or a serialization failure: the transaction would succeed when run again.
    private(set) var sawSerializationFailure = false
    /// Whether the server has sent a warning since this was last set to false.
    private(set) var wasWarned = false

    /// Called before a transaction begins, for tests that break the connection then.
    package var beforeBegin: (() -> Void)?
    /// Called before a transaction commits, for tests that break the connection then.
    package var beforeCommit: (() -> Void)?

    private struct StatementKey: Hashable {
        var sql: String
        var types: [UInt32]
    }

    /// The oldest version of PostgreSQL that has all the features in use.
    private static let oldestVersion: Int32 = 14

    /// The name by which its commits are recorded, over all its sessions.
    let name = String(UInt64.random(in: .min ... .max), radix: 36) + String(UInt64.random(in: .min ... .max), radix: 36)
    private var commits: Int64 = 0

    /// A connection that is not opened yet.
    ///
    /// - Parameter breaks: shared by all connections of a pool.
    package init(_ settings: PostgresSettings, breaks: SessionBreaks = SessionBreaks()) {
        self.settings = settings
        self.breaks = breaks
    }

    deinit {
        PQfinish(connection)
    }

    /// Whether there is a session that a transaction could use.
    var isUsable: Bool { PQstatus(connection) == CONNECTION_OK && PQtransactionStatus(connection) == PQTRANS_IDLE }

    /// Opens a session, unless there is one that can be used.
    ///
    /// One that the server has ended meanwhile is replaced.
    ///
    /// - Returns: whether the session was open before.
    @discardableResult
    package func open() throws -> Bool {
        sawSerializationFailure = false
        if isUsable, breaksBefore == breaks.count, !wasEnded { return true }
        close()
        breaksBefore = breaks.count
        connection = settings.withParameters { PQconnectdbParams($0, $1, 1) }
        guard PQstatus(connection) == CONNECTION_OK else {
            let message = lastMessage
            finish()
            throw DatabaseError(.unavailable, message)
        }
        installNoticeHandler()
        do {
            for statement in settings.sessionStatements { try command(statement) }
        } catch {
            // Without its time-outs a session must not be used.
            finish()
            throw error
        }
        return false
    }

    /// Opens a session if there is none, and begins a transaction.
    ///
    /// On a session that is found broken it begins again in a new one, as nothing was done yet.
    func begin(_ statement: String) throws {
        let isOld = try open()
        beforeBegin?()
        do {
            try command(statement)
        } catch  where isOld && !isUsable {
            close()
            try open()
            try command(statement)
        }
    }

    /// Whether the server has ended the session while it was idle: its last message and the end of the stream can be read.
    ///
    /// Sends nothing.
    private var wasEnded: Bool {
        var socket = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
        while poll(&socket, 1, 0) > 0, PQconsumeInput(connection) == 1 {
            // Parses what was read.
            _ = PQisBusy(connection)
        }
        return PQstatus(connection) != CONNECTION_OK
    }

    func checkVersion() throws {
        let version = PQserverVersion(connection) / 10_000
        guard version >= Self.oldestVersion else {
            throw DatabaseError(.other, "PostgreSQL \(version) is too old: expected \(Self.oldestVersion) or later")
        }
    }

    func nextCommitNumber() -> Int64 {
        commits += 1
        return commits
    }

    /// Closes the session.
    ///
    /// If it was broken, other sessions of the same age are replaced before they are used again.
    func close() {
        if connection != nil, PQstatus(connection) != CONNECTION_OK { breaks.record(after: breaksBefore) }
        finish()
    }

    private func finish() {
        PQfinish(connection)
        connection = nil
        prepared.removeAll()
    }

    /// Records that the server has sent a notice; its text is in the server's log.
    private func installNoticeHandler() {
        let receive: PQnoticeReceiver = { connection, _ in
            guard let connection else { return }
            Unmanaged<PostgresConnection>.fromOpaque(connection).takeUnretainedValue().wasWarned = true
        }
        // The receiver is called only within calls of libpq, and is removed when the connection is closed.
        PQsetNoticeReceiver(connection, receive, Unmanaged.passUnretained(self).toOpaque())
    }

    /// Runs a statement that commits.
    ///
    /// - Returns: the value, and whether the commit is safe: not where it is only on the primary's disk, as the wait for its standbys was
    ///   cancelled (PostgreSQL reports that by a warning, and success). A failover could lose it.
    func commit<Value>(_ body: () throws -> Value) throws -> (value: Value, isSafe: Bool) {
        wasWarned = false
        let value = try body()
        return (value, !wasWarned)
    }

    /// Runs a statement without arguments and result.
    package func command(_ sql: String) throws {
        PQclear(try checked(PQexec(connection, sql)))
    }

    /// Runs a statement, prepared once per session, and calls `body` with its result.
    func run<Value>(_ sql: String, _ arguments: [DatabaseValue], _ body: (OpaquePointer) throws -> Value) throws -> Value {
        let arguments = PostgresArguments(arguments)
        let name = try prepare(sql, types: arguments.types)
        let result = try checked(
            arguments.withPointers { count, values, lengths, formats in
                PQexecPrepared(connection, name, count, values, lengths, formats, 0)
            })
        defer { PQclear(result) }
        return try body(result)
    }

    /// Runs a `COPY … FROM STDIN`.
    ///
    /// - Parameter sql: a statement with the binary format.
    func copy(_ sql: String, _ rows: [[DatabaseValue]]) throws {
        let start = PQexec(connection, sql)
        defer { PQclear(start) }
        guard PQresultStatus(start) == PGRES_COPY_IN else { throw failure(of: start) }
        let isSent = PostgresCopy.forEachPiece(of: rows) { piece in
            piece.withUnsafeBytes { PQputCopyData(connection, $0.bindMemory(to: CChar.self).baseAddress, Int32($0.count)) == 1 }
        }
        var failure = isSent && PQputCopyEnd(connection, nil) == 1 ? nil : failure(of: nil)
        while let result = PQgetResult(connection) {
            if PQresultStatus(result) != PGRES_COMMAND_OK { failure = self.failure(of: result) }
            PQclear(result)
        }
        if let failure { throw failure }
    }

    private func prepare(_ sql: String, types: [UInt32]) throws -> String {
        let key = StatementKey(sql: sql, types: types)
        if let name = prepared[key] { return name }
        let name = "s\(prepared.count)"
        PQclear(try checked(PQprepare(connection, name, Dialect.postgresStatement(sql), Int32(types.count), types)))
        prepared[key] = name
        return name
    }

    /// Returns a result where it is a success.
    private func checked(_ result: OpaquePointer?) throws -> OpaquePointer {
        let status = PQresultStatus(result)
        if let result, status == PGRES_COMMAND_OK || status == PGRES_TUPLES_OK { return result }
        defer { PQclear(result) }
        throw failure(of: result)
    }

    private func failure(of result: OpaquePointer?) -> DatabaseError {
        let state = field(sqlState, of: result)
        sawSerializationFailure = DatabaseError.isSerializationFailure(state)
        return DatabaseError(
            sqlState: state, message: field(primaryMessage, of: result) ?? lastMessage, isConnected: PQstatus(connection) == CONNECTION_OK)
    }

    private func field(_ code: Int32, of result: OpaquePointer?) -> String? {
        PQresultErrorField(result, code).map { String(cString: $0) }
    }

    private var lastMessage: String {
        String(cString: PQerrorMessage(connection)).split(separator: "\n").joined(separator: "; ")
    }
}

// The fields of an error report, which are macros in libpq.
private let sqlState = Int32(UInt8(ascii: "C"))
private let primaryMessage = Int32(UInt8(ascii: "M"))
