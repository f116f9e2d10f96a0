import Database
import DatabasePostgres
import Synchronization
import TestSupport
import Testing

/// The behaviour of the PostgreSQL driver towards its server: broken sessions, time-outs, deadlocks, notifications.
@Suite(.enabled(if: TestEngine.available.contains(.postgres), "needs scripts/with-postgres"), .timeLimit(.minutes(1)))
struct PostgresDatabaseTests {
    private struct Refused: Error {}

    private func withServer(
        _ change: (inout PostgresSettings) -> Void = { _ in }, _ body: (PostgresDatabase) async throws -> Void
    ) async throws {
        var settings = PostgresSettings(
            url: try await PostgresServer.createDatabase("martlet_test_\(UInt64.random(in: 0...UInt64.max))"))
        // Not with the settings of the test: creating the table may take longer than they allow.
        let maker = try await PostgresDatabase.connect(settings)
        try await maker.write { _ = try $0.execute("CREATE TABLE t (i BIGINT UNIQUE)") }
        try await maker.close()
        change(&settings)
        let database = try await PostgresDatabase.connect(settings)
        try await body(database)
        try await database.close()
    }

    /// Ends the transaction's own session, as a failover or an operator would.
    private static func killSession(of transaction: any DatabaseTransaction) {
        _ = try? transaction.query("SELECT pg_terminate_backend(pg_backend_pid())", []) { _ in }
    }

    private func numbers(_ database: PostgresDatabase) async throws -> [Int64] {
        try await database.read { try $0.query("SELECT i FROM t ORDER BY i", []) { $0.integer(0) } }
    }

    @Test func commitsAreSynced() async throws {
        try await withServer { database in
            let level = try await database.read { try $0.first("SELECT current_setting('synchronous_commit')") { $0.text(0) } }
            #expect(level == "on")
        }
    }

    /// The diagnostics of a bounce come from other mail servers, and may have such text: the event must be stored all the same.
    @Test func textThatTheServerCannotStoreIsReplaced() async throws {
        try await withServer { database in
            let text = try await database.read { try $0.first("SELECT ?1", [.text("a\0b\0")]) { $0.text(0) } }
            #expect(text == "a\u{FFFD}b\u{FFFD}")
        }
    }

    @Test func aBrokenConnectionIsATemporaryErrorAndIsReopened() async throws {
        try await withServer({ $0.connections = 1 }) { database in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    try transaction.execute("INSERT INTO t VALUES (1)")
                    Self.killSession(of: transaction)
                    try transaction.execute("INSERT INTO t VALUES (2)")
                }
            }
            #expect(error?.code == .unavailable)
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (3)") }
            #expect(try await numbers(database) == [3])
        }
    }

    /// libpq refuses more than 65,535 parameters.
    ///
    /// A caller that takes the error for a temporary one tries again, with all commands of its batch.
    @Test func aStatementThatCanNeverSucceedIsNotTemporary() async throws {
        try await withServer { database in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.write { transaction in
                    _ = try transaction.query("SELECT i FROM t WHERE i = ?1", Array(repeating: .integer(1), count: 70_000)) { _ in }
                }
            }
            #expect(error?.code == .other && error?.isTemporary == false)
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (1)") }
            #expect(try await numbers(database) == [1])
        }
    }

    /// An operator, a restart or a failover ends all sessions at once.
    ///
    /// Idle sessions that ended fail no call.
    @Test func callsSucceedAfterAllIdleSessionsHaveEnded() async throws {
        try await withServer { database in
            try await Self.openSessions(8, of: database)
            let name = try await database.read { try $0.first("SELECT current_database()") { $0.text(0) } } ?? ""
            // With the time-out it waits until they have ended.
            try await PostgresServer.run("SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = '\(name)'")
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 1...8 {
                    group.addTask { try await database.write { _ = try $0.execute("INSERT INTO t VALUES (?1)", [.integer(number)]) } }
                    group.addTask { _ = try await database.read { try $0.query("SELECT i FROM t", []) { $0.integer(0) } } }
                }
                try await group.waitForAll()
            }
            #expect(try await numbers(database) == Array(1...8))
        }
    }

    /// Opens so many sessions by writing at the same time: readers never get all of them.
    private static func openSessions(_ count: Int, of database: PostgresDatabase) async throws {
        let (sessions, didOpen) = AsyncStream.makeStream(of: Void.self)
        let all = BlockingLatch()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<count {
                group.addTask {
                    try await database.write { _ in
                        didOpen.yield()
                        all.wait()
                    }
                }
            }
            var opened = 0
            for await _ in sessions {
                opened += 1
                if opened == count { break }
            }
            all.release()
            try await group.waitForAll()
        }
    }

    /// The session ends between its check and the begin of the transaction: nothing was done yet.
    @Test func aTransactionWhoseSessionIsBrokenBeginsOnAnotherOne() async throws {
        try await withServer { database in
            try await database.withWriter { (writer) throws -> Void in
                guard let connection = (writer as? PostgresWriter)?.connection else { throw Refused() }
                try writer.transaction { _ = try $0.execute("INSERT INTO t VALUES (1)") }
                connection.beforeBegin = {
                    connection.beforeBegin = nil
                    _ = try? connection.command("SELECT pg_terminate_backend(pg_backend_pid())")
                }
                try writer.transaction { _ = try $0.execute("INSERT INTO t VALUES (2)") }
            }
            #expect(try await numbers(database) == [1, 2])
        }
    }

    /// A broken session stands for all that are as old: a machine that fails does not close its connections.
    @Test func sessionsAsOldAsABrokenOneAreReplaced() async throws {
        let url = try await PostgresServer.createDatabase("martlet_test_\(UInt64.random(in: 0...UInt64.max))")
        let breaks = SessionBreaks()
        let connections = (0..<3).map { _ in PostgresConnection(PostgresSettings(url: url), breaks: breaks) }
        for connection in connections { try connection.open() }
        #expect(throws: DatabaseError.self) { try connections[0].command("SELECT pg_terminate_backend(pg_backend_pid())") }
        #expect(try connections[0].open() == false, "it was broken")
        #expect(try connections[1].open() == false, "it is as old")
        for connection in connections.prefix(2) { #expect(try connection.open(), "it is new") }
        #expect(try connections[2].open() == false)
        #expect(breaks.count == 1)
    }

    @Test func aWriterSurvivesTheEndOfItsSession() async throws {
        try await withServer { database in
            let outcomes = try await database.withWriter { writer in
                (1...3).map { number -> Bool in
                    let outcome = Result {
                        try writer.transaction { transaction in
                            if number == 2 { Self.killSession(of: transaction) }
                            try transaction.execute("INSERT INTO t VALUES (?1)", [.integer(number)])
                        }
                    }
                    return (try? outcome.get()) != nil
                }
            }
            #expect(outcomes == [true, false, true])
            #expect(try await numbers(database) == [1, 3])
        }
    }

    @Test(arguments: [true, false])
    func theOutcomeOfACommitWithoutAnswerIsDetermined(_ didCommit: Bool) async throws {
        try await withServer({ $0.connections = 2 }) { database in
            try await database.withWriter { (writer) throws -> Void in
                guard let connection = (writer as? PostgresWriter)?.connection else { throw Refused() }
                try writer.transaction { _ = try $0.execute("INSERT INTO t VALUES (1)") }
                // The session ends with the COMMIT; in one case the server has executed it.
                connection.beforeCommit = {
                    if didCommit { try? connection.command("COMMIT") }
                    _ = try? connection.command("SELECT pg_terminate_backend(pg_backend_pid())")
                }
                let outcome = Result { try writer.transaction { _ = try $0.execute("INSERT INTO t VALUES (2)") } }
                switch outcome {
                case .success: #expect(didCommit)
                case .failure(let error): #expect(!didCommit && (error as? DatabaseError)?.code == .unavailable)
                }
            }
            #expect(try await numbers(database) == (didCommit ? [1, 2] : [1]))
        }
    }

    /// When the wait for a standby is cancelled, PostgreSQL warns and reports success.
    ///
    /// A commit that a failover could lose is not acknowledged.
    @Test func aCommitThatNoStandbyHasConfirmedIsNotAcknowledged() async throws {
        try await withServer({ $0.commitResolutionTimeout = .milliseconds(100) }) { database in
            try await PostgresServer.run("ALTER SYSTEM SET synchronous_standby_names = 'nobody'")
            try await PostgresServer.run("SELECT pg_reload_conf()")
            let failure = try await withThrowingTaskGroup(of: (any Error)?.self) { group in
                group.addTask {
                    // The server reloads its configuration a little later: until then it commits.
                    do {
                        for number in Int64(1)... {
                            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (?1)", [.integer(number)]) }
                        }
                    } catch {
                        return error
                    }
                    return nil
                }
                group.addTask {
                    while !Task.isCancelled {
                        try await PostgresServer.run("SELECT pg_cancel_backend(pid) FROM pg_stat_activity WHERE wait_event = 'SyncRep'")
                    }
                    return nil
                }
                defer { group.cancelAll() }
                return try await group.next() ?? nil
            }
            try await PostgresServer.run("ALTER SYSTEM RESET synchronous_standby_names")
            try await PostgresServer.run("SELECT pg_reload_conf()")
            #expect((failure as? DatabaseError)?.code == .unavailable)
        }
    }

    @Test func notificationsReachOtherNodesAndTheListenerReportsABrokenSession() async throws {
        try await withServer { database in
            let (words, didHear) = AsyncStream.makeStream(of: String?.self)
            let notifications = try #require(database.notifications)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await notifications.listen { didHear.yield($0) } }
                // Until it listens, notifications are lost.
                group.addTask {
                    while !Task.isCancelled {
                        try await notifications.send("emails")
                        try? await Task.sleep(for: .milliseconds(5))
                    }
                }
                var heard = words.makeAsyncIterator()
                #expect(await heard.next() == .some("emails"))
                try await database.read { transaction in
                    _ = try transaction.query(
                        """
                        SELECT pg_terminate_backend(pid) FROM pg_stat_activity
                        WHERE datname = current_database() AND query LIKE 'LISTEN%'
                        """, []
                    ) { _ in }
                }
                while let word = await heard.next(), word != nil {}
                #expect(await heard.next() == .some("emails"))
                group.cancelAll()
            }
        }
    }

    @Test func deadlockedTransactionsAreRepeated() async throws {
        try await withServer { database in
            try await database.write { _ = try $0.execute("INSERT INTO t VALUES (1), (2)") }
            // Two transactions lock the same rows in different orders: PostgreSQL ends one of them.
            let meeting = Meeting()
            func update(_ first: Int64, _ second: Int64) async throws {
                try await database.write { transaction in
                    for (index, row) in [first, second].enumerated() {
                        _ = try transaction.query("SELECT i FROM t WHERE i = ?1 FOR UPDATE", [.integer(row)]) { _ in }
                        if index == 0 { meeting.arrive() }
                    }
                }
            }
            async let one: Void = update(1, 2)
            async let other: Void = update(2, 1)
            _ = try await (one, other)
        }
    }

    @Test func callersWaitForAConnectionUntilATimeout() async throws {
        try await withServer({
            $0.connections = 1; $0.poolTimeout = .milliseconds(20)
        }) { database in
            let (began, didBegin) = AsyncStream.makeStream(of: Void.self)
            let release = BlockingLatch()
            async let holding: Void = database.read { _ in
                didBegin.yield()
                release.wait()
            }
            for await _ in began { break }
            let error = await #expect(throws: DatabaseError.self) { try await database.read { _ in } }
            #expect(error?.code == .busy)
            release.release()
            try await holding
            try await database.read { _ in }
        }
    }

    /// Slow readers hold their share of the sessions, further ones wait: a write gets a session all the same.
    @Test func writersGetASessionHoweverManyReadersThereAre() async throws {
        try await withServer({ $0.connections = 4 }) { database in
            let (began, didBegin) = AsyncStream.makeStream(of: Void.self)
            let release = BlockingLatch()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        try await database.read { _ in
                            didBegin.yield()
                            release.wait()
                        }
                    }
                }
                var arrivals = began.makeAsyncIterator()
                for _ in 0..<2 { _ = await arrivals.next() }
                try await database.write { _ = try $0.execute("INSERT INTO t VALUES (1)") }
                release.release()
                try await group.waitForAll()
            }
            #expect(try await numbers(database) == [1])
        }
    }

    @Test func aStatementIsCancelledByTheTimeout() async throws {
        try await withServer({ $0.statementTimeout = .seconds(1) }) { database in
            let error = await #expect(throws: DatabaseError.self) {
                try await database.read { _ = try $0.query("SELECT pg_sleep(60)", []) { _ in } }
            }
            #expect(error?.code == .busy)
        }
    }

    @Test func anUnreachableServerIsUnavailable() async throws {
        let error = await #expect(throws: DatabaseError.self) {
            _ = try await PostgresDatabase.connect(PostgresSettings(url: "postgres://127.0.0.1:1/none"))
        }
        #expect(error?.code == .unavailable)
        #expect(error?.message.contains("127.0.0.1") == true)
    }

    @Test(arguments: [
        ("40001", DatabaseError.Code.busy), ("40P01", .busy), ("25006", .unavailable), ("57P01", .unavailable), ("08006", .unavailable),
        ("53300", .unavailable), ("53100", .full), ("23505", .constraint), ("42601", .other), ("XX001", .corrupt),
    ])
    func sqlStatesAreClassified(_ sqlState: String, _ code: DatabaseError.Code) {
        #expect(DatabaseError(sqlState: sqlState, message: "").code == code)
    }
}

/// Blocks the first thread that arrives until the second one does; later ones pass.
private final class Meeting: Sendable {
    private let both = BlockingLatch()
    private let arrivals = Mutex(0)

    func arrive() {
        let number = arrivals.withLock { arrivals in
            arrivals += 1
            return arrivals
        }
        if number == 2 { both.release() }
        both.wait()
    }
}
