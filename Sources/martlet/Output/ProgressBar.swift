import Operations
import Synchronization

/// How far a long command has come, on standard error where a person is reading; nowhere else.
final class ProgressBar: Sendable {
    private static let width = 40

    private struct State {
        var count: Int64 = 0
        var shown = ""
    }

    /// What it will be in the end, in bytes; `nil` where nobody knows.
    private let total: Int64?
    private let isShown: Bool
    private let state = Mutex(State())

    init(total: Int64?, isShown: Bool = StandardStream.error.isTerminal) {
        self.total = total
        self.isShown = isShown
    }

    /// Notes more bytes, and draws the bar anew when it looks different.
    func add(_ bytes: Int) {
        guard isShown else { return }
        let line = state.withLock { state -> String? in
            state.count += Int64(bytes)
            let line = Self.line(state.count, of: total)
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

    static func line(_ count: Int64, of total: Int64?) -> String {
        guard let total, total > 0 else { return megabytes(count) }
        let part = min(1, Double(count) / Double(total))
        let full = Int(part * Double(width))
        let bar = String(repeating: "#", count: full) + String(repeating: ".", count: width - full)
        return "[\(bar)] \(Int(part * 100)) % of \(megabytes(total))"
    }

    private static func megabytes(_ bytes: Int64) -> String {
        "\(bytes / 1_000_000).\(bytes / 100_000 % 10) MB"
    }
}
