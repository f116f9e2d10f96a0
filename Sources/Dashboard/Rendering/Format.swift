import MailModel

/// Numbers and times as text.
enum Format {
    /// `1,234,567`.
    static func count(_ number: Int64) -> String {
        var text = ""
        for (index, digit) in String(number.magnitude).reversed().enumerated() {
            if index > 0, index % 3 == 0 { text.append(",") }
            text.append(digit)
        }
        return (number < 0 ? "−" : "") + String(text.reversed())
    }

    /// `3.20 %`.
    static func percent(_ rate: Rate) -> String {
        "\(decimals(Int64((rate.percent * 100).rounded()))) %"
    }

    /// `3.20 %`, with a further digit where two of them look like a threshold.
    ///
    /// - Parameter thresholds: in percent.
    static func percent(_ rate: Rate, near thresholds: [Double]) -> String {
        guard thresholds.contains(where: { abs($0 - rate.percent) < 0.01 }) else { return percent(rate) }
        let thousandths = Int64((rate.percent * 1000).rounded())
        let rest = String(thousandths % 1000)
        return "\(thousandths / 1000).\(String(repeating: "0", count: 3 - rest.count))\(rest) %"
    }

    /// `3.20 %, 32 of 1,000`.
    static func share(_ rate: Rate) -> String {
        rate.total > 0 ? "\(percent(rate)), \(count(rate.count)) of \(count(rate.total))" : "Nothing sent yet"
    }

    private static func decimals(_ hundredths: Int64) -> String {
        let rest = hundredths % 100
        return "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// `2026-11-21 15:04 UTC`; the script adds the reader's own time.
    static func time(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(5)) UTC"
    }

    /// `2026-11-21 15:04:05.123 UTC`; the script adds the reader's own time.
    static func exactTime(_ time: Timestamp) -> String {
        let text = time.description
        return "\(text.prefix(10)) \(text.dropFirst(11).prefix(12)) UTC"
    }

    /// The time between two steps: `350 ms`, `2.4 s`, `3 min 20 s`, `2 h 5 min`, `3 days 4 h`.
    static func interval(_ interval: Duration) -> String {
        let milliseconds = max(0, interval.milliseconds)
        let seconds = milliseconds / 1000
        switch seconds {
        case 0: return "\(milliseconds) ms"
        case ..<60: return "\(seconds).\(milliseconds % 1000 / 100) s"
        case ..<3600: return "\(seconds / 60) min \(seconds % 60) s"
        case ..<86_400: return "\(seconds / 3600) h \(seconds % 3600 / 60) min"
        default: return "\(seconds / 86_400) days \(seconds % 86_400 / 3600) h"
        }
    }

    /// `Nov 21`.
    static func day(_ day: CalendarDay) -> String {
        let (_, month, number) = day.civil
        return "\(months[Int(month) - 1]) \(number)"
    }

    /// `November 2026`.
    static func month(_ month: CalendarMonth) -> String {
        "\(longMonths[Int(month.month) - 1]) \(month.year)"
    }

    private static let longMonths = [
        "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December",
    ]
    private static let months = longMonths.map { String($0.prefix(3)) }

    /// How long ago: `just now`, `5 min ago`, `3 h ago`, `12 days ago`.
    static func age(of time: Timestamp, at now: Timestamp) -> String {
        let age = now - time
        return age < .seconds(60) ? "just now" : "\(duration(age)) ago"
    }

    /// `45 s`, `5 min`, `3 h`, `12 days`.
    static func duration(_ duration: Duration) -> String {
        switch max(0, duration.milliseconds / 1000) {
        case let seconds where seconds < 60: "\(seconds) s"
        case let seconds where seconds < 3600: "\(seconds / 60) min"
        case let seconds where seconds < 2 * 86_400: "\(seconds / 3600) h"
        case let seconds: "\(seconds / 86_400) days"
        }
    }
}

extension String {
    /// With a capital first letter.
    var asTitle: String { prefix(1).uppercased() + dropFirst() }
}
