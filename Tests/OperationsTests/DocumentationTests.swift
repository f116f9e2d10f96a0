import Foundation
import Testing

@testable import Operations

struct DocumentationTests {
    /// `docs/configuration.md` is what operators read: it has to say what the program does, setting by setting.
    @Test func everySettingIsDocumentedAsItIs() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let document = try String(contentsOf: root.appending(path: "docs/configuration.md"), encoding: .utf8)
        let rows = document.split(separator: "\n").filter { $0.hasPrefix("| `MARTLET_") }.map(String.init)
        #expect(rows == Settings.descriptions.map(row))
    }

    private func row(_ setting: SettingDescription) -> String {
        let fallback = setting.fallback.map { "`\($0)`" } ?? "none"
        return "| `\(setting.variable)` | `\(setting.key)` | \(fallback) | \(setting.expected) | \(setting.meaning) |"
    }
}
