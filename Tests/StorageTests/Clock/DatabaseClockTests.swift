import MailModel
import TestSupport
import Testing

@testable import Storage

struct ClockReadingTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var testDescription: String
        /// What the client believes, less what is right where question and answer take equally long, in milliseconds.
        var off: Int64
        var correction: ClockReading.Correction
    }

    /// The answer takes 100 ms, so a belief that is off by 50 ms is possible.
    static let cases = [
        Case(testDescription: "right", off: 0, correction: .none),
        Case(testDescription: "as late as may be", off: -50, correction: .none),
        Case(testDescription: "as early as may be", off: 50, correction: .none),
        Case(testDescription: "a little late", off: -51, correction: .drift(newOrigin: origin)),
        Case(testDescription: "a little early", off: 51, correction: .drift(newOrigin: origin)),
        Case(testDescription: "a second early", off: 1000, correction: .drift(newOrigin: origin)),
        Case(testDescription: "more than a second early", off: 1001, correction: .set(newOrigin: origin)),
        Case(testDescription: "minutes late", off: -400_000, correction: .set(newOrigin: origin)),
    ]

    private static let origin: Int64 = 1_781_524_800_000_000_000

    @Test(arguments: cases) func `A belief is corrected where the reading does not allow it`(_ one: Case) {
        let reading = ClockReading(time: Self.origin + 550_000_000, asked: 500_000_000, answered: 600_000_000)
        #expect(reading.correction(of: Self.origin + one.off * 1_000_000) == one.correction)
    }
}

struct DatabaseClockTests {
    private let machine = TestMachine()

    /// What a server answers at once whose clock is so far ahead of the machine's at its beginning.
    private func reading(ahead: Duration, of start: Timestamp) -> ClockReading {
        let monotonic = machine.clocks.monotonic()
        let passed = monotonic - 3_600_000_000_000
        return ClockReading(time: (start + ahead).milliseconds * 1_000_000 + passed, asked: monotonic, answered: monotonic)
    }

    @Test func `A server's time is counted on by the monotonic clock`() {
        let start = machine.wall
        let clock = DatabaseClock(hasServer: true, machine: machine.clocks)
        #expect(clock.apply(reading(ahead: .seconds(-5_184_000), of: start)) == nil)
        #expect(clock.now == start - .seconds(5_184_000))
        machine.setWall(by: .seconds(400))
        machine.pass(.seconds(2))
        #expect(clock.now == start - .seconds(5_183_998))
        #expect(clock.offset == .seconds(5_184_400))
    }

    @Test func `The time stands still until a small correction back is made up for`() {
        let start = machine.wall
        let clock = DatabaseClock(hasServer: true, machine: machine.clocks)
        _ = clock.apply(reading(ahead: .zero, of: start))
        machine.pass(.seconds(10))
        #expect(clock.apply(reading(ahead: .milliseconds(-800), of: start)) == nil)
        #expect(clock.now == start + .seconds(10))
        machine.pass(.milliseconds(799))
        #expect(clock.now == start + .seconds(10))
        machine.pass(.milliseconds(2))
        #expect(clock.now == start + .milliseconds(10_001))
    }

    @Test(arguments: [-400, -2, 2, 90, 5_184_000]) func `A server's clock that was set is taken over and reported`(seconds: Int64) {
        let start = machine.wall
        let clock = DatabaseClock(hasServer: true, machine: machine.clocks)
        _ = clock.apply(reading(ahead: .zero, of: start))
        machine.pass(.seconds(5))
        #expect(clock.apply(reading(ahead: .seconds(seconds), of: start)) == .seconds(seconds))
        #expect(clock.now == start + .seconds(5 + seconds))
    }

    @Test func `Work pauses while the wall clock is more than 30 s off the server's`() {
        let clock = DatabaseClock(hasServer: true, machine: machine.clocks)
        _ = clock.apply(reading(ahead: .zero, of: machine.wall))
        machine.setWall(by: .seconds(30))
        #expect(clock.check() == nil)
        #expect(!clock.pausesWork)
        machine.setWall(by: .milliseconds(1))
        #expect(clock.check() == .wentWrong)
        #expect(clock.check() == nil)
        #expect(clock.pausesWork)
        machine.setWall(by: .milliseconds(-500))
        #expect(clock.check() == nil)
        machine.setWall(by: .milliseconds(-501))
        #expect(clock.check() == .becameRight)
        #expect(!clock.pausesWork)
        machine.setWall(by: .seconds(-400))
        #expect(clock.check() == .wentWrong)
    }

    @Test func `A node whose clock is wrong from the beginning pauses at once, and says so with the first check`() {
        let clock = DatabaseClock(hasServer: true, machine: machine.clocks)
        _ = clock.apply(reading(ahead: .seconds(-5_184_000), of: machine.wall))
        #expect(clock.pausesWork)
        #expect(clock.check() == .wentWrong)
    }

    @Test(arguments: [-400, -31, 31, 90]) func `Without a server a jump is reported, and time goes on as it was`(seconds: Int64) {
        let start = machine.wall
        let clock = DatabaseClock(hasServer: false, machine: machine.clocks)
        machine.setWall(by: .seconds(seconds))
        #expect(clock.check() == .wentWrong)
        #expect(!clock.pausesWork)
        machine.pass(.seconds(3))
        #expect(clock.check() == nil)
        #expect(clock.now == start + .seconds(3))
        machine.setWall(by: .seconds(-seconds))
        #expect(clock.check() == .becameRight)
    }

    @Test(arguments: [-25_000, -1500, 1500, 25_000]) func `Without a server small changes of the wall clock are followed slowly`(
        offset: Int64
    ) {
        let clock = DatabaseClock(hasServer: false, machine: machine.clocks)
        machine.setWall(by: .milliseconds(offset))
        var last = clock.now
        for _ in 0..<abs(offset / 250) {
            #expect(clock.check() == nil)
            machine.pass(.seconds(1))
            let step = clock.now - last
            #expect(step >= .milliseconds(750) && step <= .milliseconds(1250))
            last = clock.now
        }
        #expect(clock.now == machine.wall)
        #expect(clock.offset == .zero)
    }
}

@Suite(.enabled(if: TestEngine.chosen == .postgres, "SQLite has no server"), .timeLimit(.minutes(1)))
struct DatabaseServerClockTests {
    @Test(arguments: [-25, 5_184_000] as [Int64]) func `A store goes by the server's time, whatever the machine's is`(seconds: Int64)
        async throws
    {
        try await withDatabase { database in
            let before = MachineClocks.system.wall()
            let clock = try await DatabaseClock(for: database, machine: .system(offBy: .seconds(seconds)))
            let store = Store(database, clock: clock)
            try await store.migrate()
            let (read, written) = (try await store.read { $0.now }, try await store.write { $0.now })
            let after = MachineClocks.system.wall()
            // The server runs on this machine. A reading is half its duration off at the most.
            for time in [read, written, store.now] { #expect(time > before - .seconds(2) && time < after + .seconds(2)) }
            #expect(try await store.synchronizeClock() == nil)
            #expect(store.isWorkPaused == (seconds > 30))
            #expect(store.clockSamples.count == 1)
        }
    }
}
