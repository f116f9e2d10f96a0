import Glibc
import MailModel

/// The descriptors of this process: files and connections, whose number the system limits.
///
/// Connections of clients may have what is left beside the database, the deliveries, the callbacks and the policy daemon: with none left,
/// nothing of that could go on.
package struct OpenFiles: Sendable, Equatable {
    /// The descriptors that the process may have.
    package var limit: Int
    /// Those that are kept for all that is no HTTP connection.
    package var reserved: Int

    /// The fewest HTTP connections that a server is started for.
    package static let fewestConnections = 16
    /// More than this is not asked for: a table of all descriptors would be large.
    private static let most = 1 << 20

    /// The descriptors of a node with these settings, under a limit.
    package init(_ settings: Settings, limit: Int) {
        self.limit = limit
        // Event loops, listening sockets, the log, embedded files, and connections that are closed at once.
        var reserved = 128
        switch settings.database {
        case .sqlite: reserved += 64
        case .postgres: reserved += settings.databaseConnections + 8
        }
        // Connections to the provider and to AWS, and the sockets of lookups.
        if settings.roles.contains(.delivery) { reserved += settings.delivery.concurrency + 64 }
        // Calls under way, idle connections, lookups.
        if settings.roles.contains(.callbacks) { reserved += 256 + 256 + 128 }
        if settings.roles.contains(.submission), settings.submission.listen != nil { reserved += 1_000 }
        if settings.roles.contains(.policy), settings.policy.listen != nil { reserved += 1024 }
        self.reserved = reserved
    }

    /// Returns how many HTTP connections there may be: as many as the setting says, or what the limit leaves; `nil` for too few.
    package func connections(atMost maximum: Int) -> Int? {
        let left = min(maximum, limit - reserved)
        return left >= min(maximum, Self.fewestConnections) ? left : nil
    }

    /// Raises the soft limit of this process to the hard one.
    ///
    /// - Returns: the limit from now on.
    package static func raiseLimit() -> Int {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
        let wanted = min(limit.rlim_max, rlim_t(most))
        if limit.rlim_cur < wanted {
            var raised = rlimit(rlim_cur: wanted, rlim_max: limit.rlim_max)
            if setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &raised) == 0 { return Int(wanted) }
        }
        return Int(min(limit.rlim_cur, rlim_t(most)))
    }
}
