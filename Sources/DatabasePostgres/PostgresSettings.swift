/// Where the server is, and how long it may take.
package struct PostgresSettings: Sendable {
    /// A connection URI as libpq reads it (PostgreSQL, "Connection URIs"): several hosts, `sslmode`, `target_session_attrs` and all else.
    package var url: String
    /// Sessions at the same time, this node's.
    package var connections = 8
    package var connectTimeout: Duration = .seconds(5)
    /// The longest that one statement may run.
    package var statementTimeout: Duration = .seconds(30)
    /// The longest that the server keeps a transaction whose client went silent. Other nodes wait for the rows that it has locked.
    package var idleInTransactionTimeout: Duration = .seconds(5)
    /// How long data may stay unacknowledged by the server's machine before the connection counts as broken.
    package var networkTimeout: Duration = .seconds(10)
    /// How long a call waits for a free session.
    package var poolTimeout: Duration = .seconds(5)
    /// How long the outcome of a commit is asked for after the connection broke in the middle of it.
    package var commitResolutionTimeout: Duration = .seconds(30)

    package init(url: String) {
        self.url = url
    }

    /// Run at the beginning of a session.
    var sessionStatements: [String] {
        [
            "SET statement_timeout = \(statementTimeout.milliseconds)",
            "SET idle_in_transaction_session_timeout = \(idleInTransactionTimeout.milliseconds)",
            "SET client_min_messages = warning",
            // The server, too, is to notice that nobody is there any more.
            "SET tcp_keepalives_idle = 5", "SET tcp_keepalives_interval = 2", "SET tcp_keepalives_count = 3",
            "SET tcp_user_timeout = \(networkTimeout.milliseconds)",
            // What is acknowledged is on the disk. A stricter level (`remote_apply`, …) stays as the server has it.
            "SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'",
        ]
    }

    /// What stands in the URL wins over what stands before it.
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
        withCStrings(parameters.map(\.0)) { names in
            withCStrings(parameters.map(\.1)) { values in body(names, values) }
        }
    }
}

/// Calls `body` with C strings behind a list of pointers that ends with a null.
private func withCStrings<Result>(_ strings: [String], _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Result) -> Result {
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
            // Never empty: the null is in it.
            body(list.baseAddress.unsafelyUnwrapped)
        }
    }
}

extension Duration {
    var milliseconds: Int64 { components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 }
}
