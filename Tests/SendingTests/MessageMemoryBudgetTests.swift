import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct MessageMemoryBudgetTests {
    /// The smallest size that may have to wait.
    private static let unit = MessageMemoryBudget.alwaysGranted + 1
    private let queued = AsyncStream<Void>.makeStream()

    private func budget(_ units: Int) -> MessageMemoryBudget {
        MessageMemoryBudget(bytes: units * Self.unit) { [queued] in queued.continuation.yield() }
    }

    /// Starts a task that reserves memory, and returns once it waits.
    private func begin(_ units: Int, of budget: MessageMemoryBudget) async -> Task<Int, any Error> {
        let task = Task { try await budget.reserve(units * Self.unit) }
        for await _ in queued.stream { break }
        return task
    }

    @Test func `memory is granted first come, first served`() async throws {
        let budget = budget(10)
        let first = try await budget.reserve(6 * Self.unit)
        let second = try await budget.reserve(4 * Self.unit)
        #expect(!budget.hasWaiting)
        let large = await begin(7, of: budget)
        // Enough is free for it, but another waits before it.
        let small = await begin(2, of: budget)
        budget.release(first)
        #expect(budget.hasWaiting && budget.freeBytes == 0)
        budget.release(second)
        #expect(try await large.value == 7 * Self.unit)
        #expect(try await small.value == 2 * Self.unit)
        #expect(budget.freeBytes == Self.unit)
    }

    @Test func `a message larger than the budget gets all of it`() async throws {
        let budget = budget(3)
        let granted = try await budget.reserve(99 * Self.unit)
        #expect(granted == 3 * Self.unit)
        budget.release(granted)
        #expect(budget.freeBytes == 3 * Self.unit)
    }

    @Test func `a small message does not wait`() async throws {
        let budget = budget(1)
        let granted = try await budget.reserve(Self.unit)
        let small = try await budget.reserve(MessageMemoryBudget.alwaysGranted)
        #expect(budget.freeBytes == 0 && !budget.hasWaiting)
        budget.release(granted + small)
        #expect(budget.freeBytes == Self.unit)
    }

    @Test func `a cancelled message does not block the others`() async throws {
        let budget = budget(3)
        let first = try await budget.reserve(2 * Self.unit)
        let large = await begin(3, of: budget)
        let small = await begin(1, of: budget)
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        #expect(try await small.value == Self.unit)
        budget.release(first + Self.unit)
        #expect(budget.freeBytes == 3 * Self.unit)
    }

    @Test func `a task that is cancelled before it asks reserves nothing`() async throws {
        let budget = budget(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await budget.reserve(Self.unit)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(budget.freeBytes == Self.unit)
    }

    @Test func `nothing waits once the budget is closed`() async throws {
        let budget = budget(1)
        let granted = try await budget.reserve(Self.unit)
        let waiting = await begin(1, of: budget)
        budget.close()
        await #expect(throws: MessageMemoryBudget.Closed.self) { try await waiting.value }
        await #expect(throws: MessageMemoryBudget.Closed.self) { try await budget.reserve(Self.unit) }
        budget.release(granted)
        // Free memory is still granted.
        #expect(try await budget.reserve(Self.unit) == Self.unit)
    }
}
