import Database

/// The notifications between nodes by `NOTIFY` and `LISTEN` (PostgreSQL, "Asynchronous Notification").
///
/// A commit that notifies holds a lock of the whole server until it is synced. So words are not sent in the transactions that they are about,
/// but after them, each in a transaction of its own with asynchronous commit.
final class PostgresNotifications: DatabaseNotifications {
    static let channel = "martlet"

    private let settings: PostgresSettings
    private let pool: SessionPool

    init(_ settings: PostgresSettings, pool: SessionPool) {
        self.settings = settings
        self.pool = pool
    }

    func send(_ word: String) async throws {
        try await pool.use(for: .writing) { connection in
            try connection.open()
            _ = try PostgresTransaction(connection).query(
                "SELECT set_config('synchronous_commit', 'off', true), pg_notify('\(Self.channel)', ?1)", [.text(word)]
            ) { _ in }
        }
    }

    func listen(_ didHear: @escaping @Sendable (String?) -> Void) async {
        guard let listener = NotificationListener(settings) else { return }
        await listener.run(didHear)
    }
}
