import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct MessageMemoryBudgetTests {
    /// More than what is granted without waiting.
    private static let unit = MessageMemoryBudget.alwaysGranted + 1
    private let queued = AsyncStream<Void>.makeStream()

    private func budget(_ units: Int) -> MessageMemoryBudget {
        MessageMemoryBudget(bytes: units * Self.unit) { [queued] in queued.continuation.yield() }
    }

    /// Begins to wait, and returns when it does.
    private func begin(_ units: Int, of budget: MessageMemoryBudget) async -> Task<Int, any Error> {
        let task = Task { try await budget.take(units * Self.unit) }
        for await _ in queued.stream { break }
        return task
    }

    @Test func messagesGetMemoryInTheOrderOfTheirComing() async throws {
        let budget = budget(10)
        let first = try await budget.take(6 * Self.unit)
        let second = try await budget.take(4 * Self.unit)
        #expect(!budget.isWaitedFor)
        let large = await begin(7, of: budget)
        // Small enough, but behind another.
        let small = await begin(2, of: budget)
        budget.giveBack(first)
        #expect(budget.isWaitedFor && budget.free == 0)
        budget.giveBack(second)
        #expect(try await large.value == 7 * Self.unit)
        #expect(try await small.value == 2 * Self.unit)
        #expect(budget.free == Self.unit)
    }

    @Test func moreThanThereIsGetsAllOfIt() async throws {
        let budget = budget(3)
        let granted = try await budget.take(99 * Self.unit)
        #expect(granted == 3 * Self.unit)
        budget.giveBack(granted)
        #expect(budget.free == 3 * Self.unit)
    }

    @Test func aSmallMessageDoesNotWait() async throws {
        let budget = budget(1)
        let granted = try await budget.take(Self.unit)
        let small = try await budget.take(MessageMemoryBudget.alwaysGranted)
        #expect(budget.free == 0 && !budget.isWaitedFor)
        budget.giveBack(granted + small)
        #expect(budget.free == Self.unit)
    }

    @Test func whoIsCancelledNoLongerHoldsUpTheOthers() async throws {
        let budget = budget(3)
        let first = try await budget.take(2 * Self.unit)
        let large = await begin(3, of: budget)
        let small = await begin(1, of: budget)
        large.cancel()
        await #expect(throws: CancellationError.self) { try await large.value }
        #expect(try await small.value == Self.unit)
        budget.giveBack(first + Self.unit)
        #expect(budget.free == 3 * Self.unit)
    }

    @Test func whatIsCancelledBeforehandTakesNothing() async throws {
        let budget = budget(1)
        let task = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await budget.take(Self.unit)
        }
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(budget.free == Self.unit)
    }

    @Test func nobodyWaitsOnceItIsClosed() async throws {
        let budget = budget(1)
        let granted = try await budget.take(Self.unit)
        let waiting = await begin(1, of: budget)
        budget.close()
        await #expect(throws: MessageMemoryBudget.Closed.self) { try await waiting.value }
        await #expect(throws: MessageMemoryBudget.Closed.self) { try await budget.take(Self.unit) }
        budget.giveBack(granted)
        // What is under way by itself still gets what is free.
        #expect(try await budget.take(Self.unit) == Self.unit)
    }
}
