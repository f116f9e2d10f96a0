import Metering
import Testing

@testable import Runtime

struct ProcessFiguresTests {
    private let system = "cpu  1 2 3\nbtime 1763000000\nprocesses 9\n"

    /// Fields 3 to 24 of proc(5), from a running program.
    private func line(_ name: String) -> String {
        "4711 (\(name)) S 1 4711 4711 0 -1 4194560 100 0 0 0 250 150 0 0 20 0 9 0 12345 987654321 2048 18446744073709551615\n"
    }

    @Test(arguments: ["martlet", "a) R 1 (b", "with space", ""])
    func `the name of the program may have any characters`(name: String) throws {
        let figures = try #require(ProcessFigures(process: line(name), system: system, ticksPerSecond: 100, pageSize: 4096))
        #expect(figures.cpuSeconds == 4)
        #expect(figures.startedAt == 1_763_000_123.45)
        #expect(figures.residentBytes == 2048 * 4096)
    }

    @Test(arguments: ["", "4711", "4711 (a)", "4711 (a) S 1 2", "4711 (a) S 1 4711 4711 0 -1 0 0 0 0 0 x 150 0 0 20 0 9 0 5 6 7"])
    func `other text is refused`(process: String) {
        #expect(ProcessFigures(process: process, system: system, ticksPerSecond: 100, pageSize: 4096) == nil)
        #expect(ProcessFigures(process: line("a"), system: "cpu 1\n", ticksPerSecond: 100, pageSize: 4096) == nil)
    }

    @Test func `the figures of this process are read`() {
        let samples = Dictionary(ProcessSampler.samples().map { ($0.name, $0.value) }) { first, _ in first }
        #expect(samples.count == 5)
        #expect(samples["process_start_time_seconds", default: 0] > 1_700_000_000)
        #expect(samples["process_resident_memory_bytes", default: 0] > 1_000_000)
        #expect(samples["process_open_fds", default: 0] >= 3)
    }
}
