import Concurrency
import Testing

@Suite(.timeLimit(.minutes(1)))
struct TimeoutTests {
    private struct Failure: Error {}

    /// Longer than any test takes.
    private static let long: Duration = .seconds(3600)

    private static func waitUntilCancelled() async {
        try? await Task.sleep(for: long)
    }

    @Test func `an operation in time has its result`() async throws {
        #expect(try await withTimeout(Self.long) { 7 } == 7)
        #expect(try await withTimeout(Self.long) { () -> Int? in nil } == nil)
        await #expect(throws: Failure.self) { try await withTimeout(Self.long) { throw Failure() } }
    }

    /// Results that were mixed up, or of uninitialised memory, were what -O made of such groups.
    @Test func `each of many operations has its own result`() async throws {
        try await withThrowingTaskGroup(of: (Int, String).self) { group in
            for number in 0..<500 {
                group.addTask {
                    let text = try await withTimeout(Self.long) {
                        for _ in 0..<number % 4 { await Task.yield() }
                        return "result \(number)"
                    }
                    return (number, text)
                }
            }
            for try await (number, text) in group { #expect(text == "result \(number)") }
        }
    }

    @Test(arguments: [.zero, .seconds(-1), .milliseconds(1)] as [Duration])
    func `an operation that takes too long is cancelled`(_ limit: Duration) async {
        let error = await #expect(throws: TimeoutError.self) { try await withTimeout(limit) { try await Task.sleep(for: Self.long) } }
        #expect(error?.limit == limit)
    }

    @Test func `a result that comes after the time is none`() async {
        await #expect(throws: TimeoutError.self) {
            try await withTimeout(.milliseconds(1)) { await Self.waitUntilCancelled() }
        }
    }

    @Test func `a cancelled caller gets what the operation came to`() async throws {
        let (begun, didBegin) = AsyncStream.makeStream(of: Void.self)
        let task = Task {
            try await withTimeout(Self.long) {
                didBegin.finish()
                await Self.waitUntilCancelled()
                return 7
            }
        }
        for await _ in begun {}
        task.cancel()
        #expect(try await task.value == 7)
    }
}
