import Database
public import MailModel

/// The queries that change nothing, on one snapshot. It must not leave the closure it was passed to.
public class ReadContext {
    let transaction: any DatabaseTransaction
    /// When the transaction began, for the whole of it.
    public let now: Timestamp

    init(_ transaction: any DatabaseTransaction, now: Timestamp) {
        self.transaction = transaction
        self.now = now
    }

    /// As many values as the next power of two, the last one repeated: a few statements serve every number.
    func padded<Value>(_ values: [Value]) -> [Value] {
        var count = 1
        while count < values.count { count *= 2 }
        return values + Array(repeating: values[values.count - 1], count: count - values.count)
    }

    /// A place for each value, to stand in brackets.
    func parameters(_ values: [DatabaseValue]) -> String {
        (1...values.count).map { "?\($0)" }.joined(separator: ", ")
    }
}
