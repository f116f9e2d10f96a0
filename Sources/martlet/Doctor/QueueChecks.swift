import AmazonSES
import Runtime

/// The checks of the queues that events are taken from: each is read, and what waits in it is shown.
struct QueueChecks {
    let settings: Settings
    let environment: [String: String]

    func examine() async throws -> [Finding] {
        let queues = try SQSConfiguration.list(settings, environment: environment)
        guard !queues.isEmpty else { return [] }
        let http = AWSHTTPClient(connectionsPerHost: 1)
        let credentials = CredentialChain(environment: environment, http: http, logger: .quiet)
        var findings: [Finding] = []
        for queue in queues { findings.append(await examine(SQSClient(queue, credentials: credentials, http: http))) }
        try await http.shutdown()
        return findings
    }

    /// Reads the queue's attributes.
    ///
    /// Nothing is received: that would count as one of the messages' receipts.
    private func examine(_ queue: SQSClient) async -> Finding {
        let name = queue.queue.name
        do {
            let attributes = try await queue.attributes()
            let rest = attributes.deadLetterQueue.map { "; what cannot be read goes to \($0)" } ?? "; it has no dead-letter queue"
            return Finding("sqs", isWell: true, "\(name) can be read, about \(attributes.waiting) messages wait\(rest)")
        } catch {
            return Finding("sqs", isWell: false, "\(name) cannot be read: \(error)")
        }
    }
}
