import Database
import MailModel

extension Email {
    /// Returns a queued email of a domain's account from `a@` the domain to `b@customer.example`.
    ///
    /// - Parameters:
    ///   - time: when it was accepted.
    ///   - configure: changes the email before it is returned.
    static func test(of domain: SendingDomain, at time: Timestamp, configure: (inout Email) -> Void = { _ in }) -> Email {
        var email = Email(
            id: EmailID(at: time), accountID: domain.accountID, userName: "acme", operatorName: "Ann", domainID: domain.id,
            sender: EmailAddress(validated: "a@\(domain.name)"), recipient: EmailAddress(validated: "b@customer.example"),
            status: .queued, externalID: nil, clientID: nil, createdAt: time, updatedAt: time,
            content: EmailContent(subject: "s", text: "t"))
        configure(&email)
        return email
    }
}

/// A transaction that runs its statements, and records their plans.
final class ExplainingTransaction: DatabaseTransaction {
    private let transaction: any DatabaseTransaction
    /// Each statement's plan, a line for each step.
    private(set) var plans: [(sql: String, lines: [String])] = []

    init(_ transaction: any DatabaseTransaction) {
        self.transaction = transaction
    }

    var dialect: Dialect { transaction.dialect }

    func execute(_ sql: String, _ arguments: [DatabaseValue]) throws -> Int {
        try explain(sql, arguments)
        return try transaction.execute(sql, arguments)
    }

    func query<Value>(_ sql: String, _ arguments: [DatabaseValue], _ decode: (any DatabaseRow) throws -> Value) throws -> [Value] {
        try explain(sql, arguments)
        return try transaction.query(sql, arguments, decode)
    }

    func add(_ row: [DatabaseValue], by insertion: Insertion) throws {
        try transaction.add(row, by: insertion)
    }

    func set(_ values: [DatabaseValue], of key: DatabaseValue, by update: Update) throws {
        // Several rows, as pending writes are written.
        try explain(update.statement(rows: 4), Array(repeating: key, count: 4) + values)
        try transaction.set(values, of: key, by: update)
    }

    func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        try transaction.savepoint(body)
    }

    private func explain(_ sql: String, _ arguments: [DatabaseValue]) throws {
        let isSQLite = dialect.partitioning == nil
        let words = isSQLite ? "EXPLAIN QUERY PLAN" : "EXPLAIN"
        plans.append((sql, try transaction.query("\(words) \(sql)", arguments) { $0.text(isSQLite ? 3 : 0) }))
    }
}
