import Concurrency
import JSON
import Logging

// Calls that set something up, of which SES allows about one a second and AWS account.

extension SESClient {
    /// Makes a call of version 2 when it is its turn, and repeats it while SES throttles.
    @discardableResult
    func callV2Patiently(_ method: String, _ path: String, _ body: [UInt8] = []) async throws(SESError) -> JSONObject {
        try await patiently { () async throws(SESError) in try await self.callV2(method, path, body) }
    }

    /// Makes a call when it is its turn, and repeats it while SES throttles: after about 1, 2 and 4 seconds.
    func patiently<Answer>(_ call: () async throws(SESError) -> Answer) async throws(SESError) -> Answer {
        for seconds in [1.0, 2, 4] {
            try await waitForTurn()
            do {
                return try await call()
            } catch  where error.isThrottling && !Task.isCancelled {
                logger.debug("SES throttles, waiting", metadata: ["ses.code": "\(error.code)", "wait.seconds": "\(seconds)"])
                await pause(.seconds(seconds * .random(in: 0.8...1.2)))
            }
        }
        try await waitForTurn()
        return try await call()
    }

    /// Waits for the turn of a call.
    ///
    /// Repetitions take one of their own.
    private func waitForTurn() async throws(SESError) {
        do {
            try await control?.turn()
        } catch let full as PacedQueue.Full {
            throw .controlQueueFull(retryAfter: full.retryAfter)
        } catch {
            throw SESError(code: "Cancelled", message: "the call was given up before it was made", outcome: .retry)
        }
    }
}
