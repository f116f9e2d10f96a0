import Logging
import Periodic
import ServiceLifecycle
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(1)))
struct PeriodicServiceTests {
    /// Returns the given pauses, and then calls `isLast` and returns an hour.
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
    func `rounds are repeated, and a shutdown ends the pause`(rounds: Int) async throws {
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

    /// Has no pauses between its rounds.
    private struct Pauseless: PeriodicService {
        let begins: @Sendable () -> Void

        func round() async throws -> Duration {
            begins()
            return .zero
        }
    }

    @Test func `a shutdown ends rounds without pauses`() async throws {
        let (began, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let group = group(Pauseless { continuation.yield() })
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

    @Test func `a cancelled round is the last one`() async throws {
        try await Cancelled().run()
    }
}
