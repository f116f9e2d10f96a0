/// The settings of a PostgreSQL server: its address and time-outs.
package struct PostgresSettings: Sendable {
    /// A connection URI as libpq reads it (PostgreSQL, "Connection URIs"): several hosts, `sslmode`, `target_session_attrs` and all else.
    package var url: String
    /// The most sessions of this node.
    package var connections = 8
    /// The time-out of opening a session, in whole seconds, at least 2.
    package var connectTimeout: Duration = .seconds(5)
    /// The time-out of one statement.
    package var statementTimeout: Duration = .seconds(30)
    /// How long a transaction may be idle before the server ends its session.
    ///
    /// Other nodes wait for the rows that it has locked.
    package var idleInTransactionTimeout: Duration = .seconds(5)
    /// How long sent data may stay unacknowledged before the connection counts as broken.
    package var networkTimeout: Duration = .seconds(10)
    /// How long a call waits for a free session.
    package var poolTimeout: Duration = .seconds(5)
    /// How long the outcome of a commit is queried after the connection broke during it.
    package var commitResolutionTimeout: Duration = .seconds(30)

    /// The default settings for a server.
    package init(url: String) {
        self.url = url
    }

    /// The statements that begin a session.
    var sessionStatements: [String] {
        [
            "SET statement_timeout = \(statementTimeout.milliseconds)",
            "SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.milliseconds)",
            "SET client_min_messages = warning",
            // The server detects a broken connection too.
            "SET tcp_keepalives_idle = 5", "SET tcp_keepalives_interval = 2", "SET tcp_keepalives_count = 3",
            "SET tcp_user_timeout = \(networkTimeout.milliseconds)",
            // Acknowledged commits are on the disk. A stricter level (`remote_apply`, …) of the server's stays.
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        ]
    }

    /// The parameters of libpq.
    ///
    /// Those in the URL override those before it.
    private var parameters: [(String, String)] {
        [
            ("application_name", "martlet"), ("client_encoding", "UTF8"), ("target_session_attrs", "read-write"),
            ("connect_timeout", String(max(2, connectTimeout.components.seconds))),
            ("tcp_user_timeout", String(networkTimeout.milliseconds)),
            ("keepalives_idle", "5"), ("keepalives_interval", "2"), ("keepalives_count", "3"),
            ("dbname", url),
        ]
    }

    /// Calls `body` with the parameters in libpq's form: names and values, each list with a null at its end.
    func withParameters<Result>(
        _ body: (UnsafePointer<UnsafePointer<CChar>?>, UnsafePointer<UnsafePointer<CChar>?>) -> Result
    ) -> Result {
        Self.withCStrings(parameters.map(\.0)) { names in
            Self.withCStrings(parameters.map(\.1)) { values in body(names, values) }
        }
    }

    /// Calls `body` with a list of pointers to C strings that ends with a null.
    private static func withCStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
        let bytes = strings.flatMap { $0.utf8CString }
        return bytes.withUnsafeBufferPointer { buffer in
            var offset = 0
            var pointers: [UnsafePointer<CChar>?] = []
            for string in strings {
                pointers.append(buffer.baseAddress?.advanced(by: offset))
                offset += string.utf8.count + 1
            }
            pointers.append(nil)
            return pointers.withUnsafeBufferPointer { list in
                // Never empty: it has the final null.
                body(list.baseAddress.unsafelyUnwrapped)
            }
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
