import Foundation
import Metering
import Testing

@testable import Runtime

struct DocumentationTests {
    /// `docs/configuration.md` is compared with the program, setting by setting.
    @Test func everySettingIsDocumented() throws {
        let rows = try text("docs/configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `MARTLET_") }.map(String.init)
        #expect(rows == Settings.descriptions.map(row))
    }

    @Test func everyMetricIsDocumented() throws {
        let rows = try text("docs/monitoring.md").split(separator: "\n").filter { $0.contains(/^\| `(martlet|process)_/) }.map(String.init)
        #expect(rows == MetricCatalogue.families.map(row))
    }

    /// A metric whose name is not in the catalogue is not exported.
    @Test func theCatalogueHasExactlyTheMetricsInUse() throws {
        var counted: Set<String> = []
        for file in try sources(below: "Sources") where file.lastPathComponent != "MetricCatalogue.swift" {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /"((martlet|process)_[a-z_]+)"/) {
                counted.insert(String(match.output.1))
            }
        }
        // The name of a cookie.
        counted.remove("martlet_flash")
        #expect(counted == Set(MetricCatalogue.families.map(\.name)))
    }

    /// The IAM policy of `docs/operations.md` allows exactly the calls that the program makes.
    @Test func theDocumentedPolicyAllowsTheCallsThatAreMade() throws {
        // SESv2 names its calls by path alone.
        var called: Set = ["PutSuppressedDestination", "DeleteSuppressedDestination"]
        for file in try sources(below: "Sources/AmazonSES") where file.lastPathComponent.hasPrefix("SESClient") {
            for match in try String(contentsOf: file, encoding: .utf8).matches(of: /"((Send|Get|Describe|Verify|Delete)[A-Z][A-Za-z]+)"/)
            where !match.output.1.hasSuffix("Result") {
                called.insert(String(match.output.1))
            }
        }
        let allowed = try text("docs/operations.md").matches(of: /"ses:(\w+)"/).map { String($0.output.1) }
        #expect(Set(allowed) == called)
    }

    @Test(arguments: ["docs/alerts.yml", "docs/monitoring.md"])
    func everyRuleUsesKnownMetrics(path: String) throws {
        let asked = try text(path).matches(of: /\b(martlet_[a-z_]+)\b/).map { String($0.output.1) }
        let names = MetricCatalogue.families.flatMap { family in
            guard case .histogram = family.kind else { return [family.name] }
            return ["", "_bucket", "_sum", "_count"].map { family.name + $0 }
        }
        #expect(Set(asked).subtracting(names) == [])
        #expect(!asked.isEmpty)
    }

    /// A counter's name without its `_total` is that of its family in OpenMetrics.
    @Test func metricNamesAreUnique() {
        let names = MetricCatalogue.families.map { $0.name.hasSuffix("_total") ? String($0.name.dropLast(6)) : $0.name }
        #expect(Set(names).count == names.count)
    }

    @Test(arguments: MetricCatalogue.families)
    func metricNamesFollowTheConventionsOfPrometheus(_ family: MetricFamily) {
        #expect(family.name.contains(/^(martlet|process)_[a-z_]+$/))
        #expect((family.kind == .counter) == family.name.hasSuffix("_total"))
        #expect(family.labels.allSatisfy { $0.contains(/^[a-z_]+$/) && $0 != "le" })
        if case .histogram(let bounds) = family.kind { #expect(bounds == bounds.sorted() && Set(bounds).count == bounds.count) }
        #expect(family.help.hasSuffix("."))
    }

    private var root: URL {
        URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    }

    private func sources(below path: String) throws -> [URL] {
        let files = try #require(FileManager.default.enumerator(at: root.appending(path: path), includingPropertiesForKeys: nil))
        return files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
    }

    private func text(_ path: String) throws -> String {
        try String(contentsOf: root.appending(path: path), encoding: .utf8)
    }

    private func row(_ family: MetricFamily) -> String {
        "| `\(family.name)` | \(family.kind.word) | \(family.labels.map { "`\($0)`" }.joined(separator: ", ")) | \(family.help) |"
    }

    private func row(_ setting: SettingDescription) -> String {
        let fallback = setting.fallback.map { "`\($0)`" } ?? "none"
        return "| `\(setting.variable)` | `\(setting.key)` | \(fallback) | \(setting.expected) | \(setting.meaning) |"
    }
}
