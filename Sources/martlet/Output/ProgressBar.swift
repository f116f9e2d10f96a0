import Runtime
import Synchronization

/// How far a long command has come, on standard error where a person is reading; nowhere else.
final class ProgressBar: Sendable {
    private static let width = 40

    /// What is counted.
    enum Unit: Sendable {
        case bytes, rows
    }

    private struct State {
        var count: Int64 = 0
        var shown = ""
    }

    /// What it will be in the end; `nil` where nobody knows.
    private let total: Int64?
    private let unit: Unit
    private let isShown: Bool
    private let state = Mutex(State())

    init(total: Int64?, in unit: Unit = .bytes, isShown: Bool = StandardStream.error.isTerminal) {
        self.total = total
        self.unit = unit
        self.isShown = isShown
    }

    /// Notes more, and draws the bar anew when it looks different.
    func add(_ count: Int) {
        guard isShown else { return }
        let line = state.withLock { state -> String? in
            state.count += Int64(count)
            let line = Self.line(state.count, of: total, in: unit)
            defer { state.shown = line }
            return line == state.shown ? nil : line
        }
        if let line { StandardStream.error.write("\r\(line)") }
    }

    /// Leaves the line to what comes next.
    func finish() {
        guard isShown else { return }
        StandardStream.error.write("\r\u{1B}[K")
    }

    static func line(_ count: Int64, of total: Int64?, in unit: Unit = .bytes) -> String {
        guard let total, total > 0 else { return amount(count, unit) }
        let part = min(1, Double(count) / Double(total))
        let full = Int(part * Double(width))
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        return "[\(bar)] \(Int(part * 100)) % of \(amount(total, unit))"
    }

    private static func amount(_ count: Int64, _ unit: Unit) -> String {
        switch unit {
        case .bytes: "\(count / 1_000_000).\(count / 100_000 % 10) MB"
        case .rows: "\(count) rows"
        }
    }
}
