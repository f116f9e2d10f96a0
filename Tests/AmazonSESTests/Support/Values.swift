import AmazonSES
import MailModel
import Synchronization

let exampleCredentials = AWSCredentials(accessKeyID: "AKIDEXAMPLE", secretAccessKey: "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")

extension Timestamp {
    /// A time that is known to be well-formed.
    static func at(_ text: String) -> Timestamp {
        Timestamp(rfc3339: text) ?? Timestamp(milliseconds: .min)
    }
}

/// Runs `body` with an HTTP client that is shut down afterwards.
///
/// - Parameter connectTimeout: short where no server is listening; otherwise long enough for a busy machine.
func withHTTPClient<Value>(connectTimeout: Duration = .seconds(20), _ body: (AWSHTTPClient) async throws -> Value) async throws -> Value {
    let http = AWSHTTPClient(connectTimeout: connectTimeout)
    do {
        let value = try await body(http)
        try await http.shutdown()
        return value
    } catch {
        try await http.shutdown()
        throw error
    }
}

/// A value that concurrent closures of a test change.
final class Shared<Value: Sendable>: Sendable {
    private let mutex: Mutex<Value>

    init(_ value: Value) {
        mutex = Mutex(value)
    }

    var value: Value { mutex.withLock { $0 } }

    @discardableResult
    func update<Result: Sendable>(_ change: (inout Value) -> Result) -> Result {
        mutex.withLock { change(&$0) }
    }
}
