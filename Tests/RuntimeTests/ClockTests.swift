import Logging
import Periodic
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Runtime

@Suite(.timeLimit(.minutes(1)))
struct ClockTests {
    private let machine = TestMachine()

    /// Counts its rounds.
    private final class Rounds: PeriodicService {
        private let count = Mutex(0)

        var number: Int { count.withLock { $0 } }

        func round() async throws -> Duration {
            count.withLock { $0 += 1 }
            return .seconds(600)
        }
    }

    /// Stores the lines that are logged.
    private final class Lines: Sendable {
        let lines = Mutex<[String]>([])

        var logger: Logger {
            Logger(label: "test") { _ in
                LineLogHandler(
                    label: "test", level: .debug, format: .text,
                    output: LogOutput(clock: SystemClock.now) { bytes in
                        self.lines.withLock { $0.append(String(decoding: bytes, as: UTF8.self)) }
                    })
            }
        }

        func contain(_ text: String) -> Bool { lines.withLock { $0.contains { $0.contains(text) } } }
    }

    @Test func `A scheduled job pauses while the clock is wrong, and then continues`() async throws {
        try await withDatabase { database in
            let clock = DatabaseClock(hasServer: true, machine: machine.clocks)
            let (store, job, lines) = (Store(database, clock: clock), Rounds(), Lines())
            let (pause, watch) = (ClockPause(job, store: store), ClockWatch(store: store, logger: lines.logger))
            machine.setWall(by: .seconds(-31))
            _ = await watch.round()
            #expect(lines.contain("ERROR") && lines.contain("The clock of this machine is wrong") && lines.contain("offset_seconds=-31"))
            let paused = try await pause.round()
            #expect(paused == .seconds(1))
            #expect(job.number == 0)
            machine.setWall(by: .seconds(31))
            _ = await watch.round()
            #expect(lines.contain("The clock of this machine is right again"))
            let resumed = try await pause.round()
            #expect(resumed == .seconds(600))
            #expect(job.number == 1)
            #expect(lines.lines.withLock { $0.count } == 2)
        }
    }

    @Test func `Without a database server a jump is logged, and no job pauses`() async throws {
        try await withDatabase { database in
            let clock = DatabaseClock(hasServer: false, machine: machine.clocks)
            let (store, job, lines) = (Store(database, clock: clock), Rounds(), Lines())
            machine.setWall(by: .seconds(90))
            _ = await ClockWatch(store: store, logger: lines.logger).round()
            #expect(lines.contain("WARNING") && lines.contain("has jumped") && lines.contain("2026-06-15T12:01:30"))
            let pause = try await ClockPause(job, store: store).round()
            #expect(pause == .seconds(600))
        }
    }
}
