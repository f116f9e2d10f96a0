import NIOCore
import NIOHTTP1
import Synchronization

/// A small request on its way through a ``ConnectionPool``: who waits for its answer, and whether it was sent.
///
/// It ends once, with an answer or a failure, whoever is first: its connection, its deadline, or its cancellation.
final class HTTPCall: Sendable {
    private struct State {
        var continuation: CheckedContinuation<Result<HTTPAnswer, HTTPFailure>, Never>?
        var deadline: Scheduled<Void>?
        /// The connection that carries it.
        var channel: (any Channel)?
        var wasSent = false
        var isOver = false
    }

    let head: HTTPRequestHead
    let body: ByteBuffer
    /// The largest body of an answer.
    let maximumBytes: Int
    private let state = Mutex(State())

    init(_ request: OutgoingRequest, to target: String, host: String, maximumBytes: Int) {
        var headers = HTTPHeaders()
        headers.reserveCapacity(request.headers.count + 2)
        for header in request.headers { headers.add(name: header.name, value: header.value) }
        if !headers.contains(name: "Host") { headers.add(name: "Host", value: host) }
        headers.add(name: "Content-Length", value: String(request.body.count))
        head = HTTPRequestHead(version: .http1_1, method: .init(rawValue: request.method), uri: target, headers: headers)
        body = ByteBuffer(bytes: request.body)
        self.maximumBytes = maximumBytes
    }

    /// Whether it has ended, so that it need not be sent any more.
    var isOver: Bool { state.withLock { $0.isOver } }

    /// Waits for the end.
    ///
    /// - Parameters:
    ///   - deadline: ends the call in time; made here, as it refers to the call.
    ///   - start: sends the call.
    func wait(until deadline: (HTTPCall) -> Scheduled<Void>, start: (HTTPCall) -> Void) async -> Result<HTTPAnswer, HTTPFailure> {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let hasBegun = state.withLock { state in
                    guard !state.isOver else { return false }
                    state.continuation = continuation
                    state.deadline = deadline(self)
                    return true
                }
                if hasBegun { start(self) } else { continuation.resume(returning: .failure(failure("cancelled", wasSent: false))) }
            }
        } onCancel: {
            fail("cancelled")
        }
    }

    /// A connection is about to send it.
    ///
    /// - Returns: false where it has ended before.
    func begin(on channel: any Channel) -> Bool {
        state.withLock { state in
            guard !state.isOver else { return false }
            state.channel = channel
            state.wasSent = true
            return true
        }
    }

    /// Ends with an answer.
    func finish(_ answer: HTTPAnswer) {
        end { _ in .success(answer) }?.resume()
    }

    /// Ends without an answer; a connection that carries it is closed, as its answer may still come.
    func fail(_ reason: String, isTooLarge: Bool = false) {
        let ending = end { wasSent in
            .failure(HTTPFailure(reason: reason, bodyWasSent: wasSent, isTooLarge: isTooLarge))
        }
        ending?.channel?.close(promise: nil)
        ending?.resume()
    }

    private func failure(_ reason: String, wasSent: Bool) -> HTTPFailure {
        HTTPFailure(reason: reason, bodyWasSent: wasSent)
    }

    private struct Ending {
        var state: State
        var result: Result<HTTPAnswer, HTTPFailure>
        var channel: (any Channel)? { state.channel }

        func resume() {
            state.deadline?.cancel()
            state.continuation?.resume(returning: result)
        }
    }

    private func end(_ result: (_ wasSent: Bool) -> Result<HTTPAnswer, HTTPFailure>) -> Ending? {
        state.withLock { state in
            guard !state.isOver else { return nil }
            state.isOver = true
            defer { (state.continuation, state.deadline, state.channel) = (nil, nil, nil) }
            return Ending(state: state, result: result(state.wasSent))
        }
    }
}
