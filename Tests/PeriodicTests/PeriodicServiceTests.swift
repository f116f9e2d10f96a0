import Logging
import Periodic
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PeriodicServiceTests {
    /// Pauses as it is told, and says when there is nothing more to be told.
    private final class Counting: PeriodicService {
        let pauses: Mutex<[Duration]>
        private let isLast: @Sendable () -> Void

        init(_ pauses: [Duration], isLast: @escaping @Sendable () -> Void) {
            self.pauses = Mutex(pauses)
            self.isLast = isLast
        }

        func round() async throws -> Duration {
            let pause = pauses.withLock { $0.isEmpty ? nil : $0.removeFirst() }
            if pause == nil { isLast() }
            return pause ?? .seconds(3600)
        }
    }

    private func group(_ service: any Service) -> ServiceGroup {
        ServiceGroup(services: [service], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    @Test(arguments: [0, 1, 5])
    func `round follows round, and a shutdown ends the longest pause`(rounds: Int) async throws {
        let (last, continuation) = AsyncStream.makeStream(of: Void.self)
        let service = Counting(Array(repeating: .zero, count: rounds)) { continuation.yield() }
        let group = group(service)
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in last { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
        #expect(service.pauses.withLock { $0.isEmpty })
    }

    /// Whoever has no pause ends all the same.
    private struct Restless: PeriodicService {
        let begins: @Sendable () -> Void

        func round() async throws -> Duration {
            begins()
            return .zero
        }
    }

    @Test func `a shutdown ends rounds without pauses`() async throws {
        let (began, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let group = group(Restless { continuation.yield() })
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            for await _ in began { break }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    private struct Cancelled: PeriodicService {
        func round() async throws -> Duration {
            throw CancellationError()
        }
    }

    @Test func `a round that was cancelled is the last`() async throws {
        try await Cancelled().run()
    }
}
