package import Database

extension DatabaseError {
    /// Maps an error of PostgreSQL.
    ///
    /// - Parameters:
    ///   - sqlState: the code of five characters (PostgreSQL, Appendix A "Error Codes"); `nil` where the server sent none.
    ///   - message: PostgreSQL's message without its detail, which may hold values.
    ///   - isConnected: whether the session is still open. Where it is and there is no `sqlState`, libpq itself has refused the statement, and
    ///     would do so again.
    package init(sqlState: String?, message: String, isConnected: Bool = false) {
        self.init(Self.code(of: sqlState, isConnected), sqlState.map { "\(message) (SQLSTATE \($0))" } ?? message)
    }

    private static func code(of sqlState: String?, _ isConnected: Bool) -> Code {
        guard let sqlState else { return isConnected ? .other : .unavailable }
        switch sqlState {
        // Serialization failure, deadlock, lock not available, statement cancelled by its time-out.
        case "40001", "40P01", "55P03", "57014": return .busy
        // Read-only: a standby, or a primary that was demoted to one.
        case "25006": return .unavailable
        // Idle in a transaction for too long: the server has closed the connection.
        case "25P03": return .unavailable
        case "53100": return .full
        case "XX001", "XX002": return .corrupt
        default: return code(ofClass: sqlState.prefix(2))
        }
    }

    private static func code(ofClass sqlClass: Substring) -> Code {
        switch sqlClass {
        // Connection exceptions, insufficient resources (too many connections), operator intervention (shutdown, failover), system errors.
        case "08", "53", "57", "58": .unavailable
        // Invalid authorization: passwords may be changed while nodes run.
        case "28": .unavailable
        case "23": .constraint
        default: .other
        }
    }

    /// Whether it is a serialization failure or a deadlock: the transaction would succeed when run again.
    static func isSerializationFailure(_ sqlState: String?) -> Bool {
        sqlState == "40001" || sqlState == "40P01"
    }
}
