import Runtime
import Synchronization

/// The progress of a long command, on standard error where that is a terminal.
final class ProgressBar: Sendable {
    private static let width = 40

    /// The unit of the progress.
    enum Unit: Sendable {
        case bytes, rows
    }

    private struct State {
        var count: Int64 = 0
        var shown = ""
    }

    /// The final count; `nil` where it is not known.
    private let total: Int64?
    private let unit: Unit
    private let isShown: Bool
    private let state = Mutex(State())

    init(total: Int64?, in unit: Unit = .bytes, isShown: Bool = StandardStream.error.isTerminal) {
        self.total = total
        self.unit = unit
        self.isShown = isShown
    }

    /// Adds to the count, and redraws the bar if it has changed.
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

    /// Removes the bar.
    func finish() {
        guard isShown else { return }
        StandardStream.error.write("\r\u{1B}[K")
    }

    /// Returns the bar as text.
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
