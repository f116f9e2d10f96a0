import Concurrency
import Encoding
package import Hummingbird
package import MailModel
package import NIOCore
import Synchronization
import Telemetry

/// The context of a request: its connection, and what becomes known about it while it is handled.
package struct APIContext: RequestContext {
    /// What Hummingbird keeps for every request.
    package var coreContext: CoreRequestContextStorage
    /// The connection.
    package let channel: any Channel
    /// What the access log reports about the request.
    package let record = RequestRecord()
    /// The client's address without its port: that of the connection, or what a trusted proxy says; `local` on a unix socket.
    package internal(set) var remoteAddress: String
    /// The memory of all requests; `nil` for no bound.
    var memory: MemoryBudget?

    /// The context of a request that has just arrived.
    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
        remoteAddress = channel.remoteAddress?.ipAddress ?? "local"
    }
}

extension APIContext {
    /// Reserves memory for the request, until it is answered.
    ///
    /// - Returns: false where other requests hold too much.
    func reserve(_ bytes: Int) -> Bool {
        guard let memory else { return true }
        return record.reservation(of: memory, from: IPAddress.client(of: remoteAddress)).grow(by: bytes)
    }
}

/// What the access log reports about a request, filled in while it is handled.
package final class RequestRecord: Sendable {
    private let number = UInt64.random(in: 0...UInt64.max)
    private let principal = Mutex<Principal?>(nil)
    private let noted = Mutex<(any Error)?>(nil)
    private let memory = Mutex<MemoryReservation?>(nil)
    private let traced = Mutex<(trace: TraceContext, span: RecordedSpan?)?>(nil)

    /// The request's id in logs, and `transactionId` of the answer: random, so that it does not reveal the number of requests.
    package var id: String {
        Hexadecimal.encode(number)
    }

    /// Records who made the request.
    package func identify(_ principal: Principal) {
        self.principal.withLock { $0 = principal }
    }

    /// The place of the request in a distributed trace: its own, where it is recorded here, or the caller's; `nil` for none.
    package var trace: TraceContext? { traced.withLock { $0?.trace } }

    /// Sets the place of the request in a trace.
    func follow(_ trace: TraceContext, _ span: RecordedSpan? = nil) {
        traced.withLock { $0 = (trace, span) }
    }

    /// Ends the request's span, where it has one.
    func endSpan(_ method: String, route: String, status: Int) {
        guard let span = traced.withLock({ $0?.span }) else { return }
        span.operationName = "\(method) \(route)"
        span.set("http.request.method", method)
        span.set("http.route", route)
        span.set("http.response.status_code", Int64(status))
        if status >= 500 { span.fail() }
        span.finish()
    }

    /// Records an internal error in a part of a request that is answered all the same; the first one is logged.
    package func note(fault: any Error) {
        noted.withLock { $0 = $0 ?? fault }
    }

    var fault: (any Error)? { noted.withLock { $0 } }

    /// Whether it is known who made the request.
    var isIdentified: Bool { principal.withLock { $0 != nil } }

    /// The memory of the request, counted for whom it is known to be of when it is first asked for.
    func reservation(of budget: MemoryBudget, from address: String) -> MemoryReservation {
        let account = principal.withLock { $0?.shareholder }
        return memory.withLock { memory in
            let reservation = memory ?? MemoryReservation(of: budget, for: .init(address: address, account: account))
            memory = reservation
            return reservation
        }
    }

    /// Gives the memory of the request back: it is answered.
    func releaseMemory() {
        memory.withLock { $0 }?.release()
    }

    /// The account's reference, `master`, or `-` where the caller is not authenticated.
    package var account: String {
        principal.withLock { principal in
            principal.map { $0.account?.reference ?? "master" } ?? "-"
        }
    }
}
