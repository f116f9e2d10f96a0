import Glibc
package import Metering

/// The figures of this process: start, processor time, memory and files, from proc(5).
package enum ProcessSampler {
    /// Returns the samples of the `process_…` metrics; those that cannot be read are left out.
    @Sendable package static func samples() -> [MetricSample] {
        var samples: [MetricSample] = []
        if let process = text("/proc/self/stat"), let system = text("/proc/stat"),
            let figures = ProcessFigures(
                process: process, system: system, ticksPerSecond: sysconf(Int32(_SC_CLK_TCK)), pageSize: sysconf(Int32(_SC_PAGESIZE)))
        {
            samples += [
                MetricSample("process_start_time_seconds", figures.startedAt),
                MetricSample("process_cpu_seconds_total", figures.cpuSeconds),
                MetricSample("process_resident_memory_bytes", figures.residentBytes),
            ]
        }
        if let count = openFiles() { samples.append(MetricSample("process_open_fds", Double(count))) }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 {
            samples.append(MetricSample("process_max_fds", Double(limit.rlim_cur)))
        }
        return samples
    }

    private static func text(_ path: String) -> String? {
        guard let content = try? PrivateFiles.read(path, isSecret: false) else { return nil }
        return String(decoding: content, as: UTF8.self)
    }

    private static func openFiles() -> Int? {
        guard let folder = opendir("/proc/self/fd") else { return nil }
        defer { closedir(folder) }
        var count = 0
        while readdir(folder) != nil { count += 1 }
        // Without `.`, `..` and the descriptor of the folder itself.
        return count - 3
    }
}

/// The figures in `/proc/self/stat` and `/proc/stat`.
struct ProcessFigures: Equatable {
    /// In seconds since 1970.
    var startedAt: Double
    var cpuSeconds: Double
    var residentBytes: Double

    /// Parses the two files; `nil` for text that is not as proc(5) describes it.
    init?(process: String, system: String, ticksPerSecond: Int, pageSize: Int) {
        // The name of the program stands in parentheses, and may have any characters. Field 3 follows it.
        guard let name = process.lastIndex(of: ")") else { return nil }
        let fields = process[process.index(after: name)...].split(whereSeparator: \.isWhitespace)
        let numbers = [14, 15, 22, 24].compactMap { field in fields.count > field - 3 ? Double(fields[field - 3]) : nil }
        let boot = system.split(separator: "\n").first { $0.hasPrefix("btime ") }.flatMap { Double($0.dropFirst(6)) }
        guard numbers.count == 4, let boot, ticksPerSecond > 0 else { return nil }
        cpuSeconds = (numbers[0] + numbers[1]) / Double(ticksPerSecond)
        startedAt = boot + numbers[2] / Double(ticksPerSecond)
        residentBytes = numbers[3] * Double(pageSize)
    }
}
