import Concurrency
import Testing

@Suite(.timeLimit(.minutes(1)))
struct SingleFlightTests {
    @Test func `callers with a key share an attempt, and the next has one of its own`() async {
        let flight = SingleFlight<String, Int>()
        let (gate, open) = AsyncStream.makeStream(of: Void.self)
        async let first = flight.run("a") {
            for await _ in gate {}
            return 1
        }
        while flight.callers < 1 { await Task.yield() }
        async let second = flight.run("a") { 2 }
        while flight.callers < 2 { await Task.yield() }
        #expect(await flight.run("b") { 3 } == 3)
        #expect(flight.count == 1)
        open.finish()
        #expect(await (first, second) == (1, 1))
        #expect(flight.count == 0)
        #expect(await flight.run("a") { 4 } == 4)
    }
}
