import Foundation
import MailModel
import Metering
import Testing

@testable import Runtime

struct DocumentationTests {
    /// `docs/configuration.md` is compared with the program, setting by setting.
    @Test func everySettingIsDocumented() throws {
        let rows = try text("docs/configuration.md").split(separator: "\n").filter { $0.hasPrefix("| `MARTLET_") }.map(String.init)
        #expect(rows == Settings.descriptions.map(row))
    }

    /// The codes of errors in `docs/api.md`, each with what to do about it.
    @Test func everyCodeIsDocumented() throws {
        let rows = try table("codes", of: "docs/api.md")
        #expect(rows == RefusalCode.allCases.map { "| `\($0.rawValue)` | \($0.remedy) |" })
    }

    /// The table of rights in `docs/api.md`.
    @Test func everyRightIsDocumented() throws {
        let rows = try table("rights", of: "docs/api.md")
        let holders: [RightsHolder] = [.master] + [.send, .read, .manage].map(RightsHolder.key) + Role.allCases.map(RightsHolder.role)
        let expected = Action.allCases.map { action in
            let cells = holders.map { holder in
                guard action.holders.contains(holder) else { return " " }
                return holder.reach == .all ? " all " : " own "
            }
            return "| `\(action.rawValue)` |\(cells.joined(separator: "|"))|"
        }
        #expect(rows == expected)
    }

    /// Each promise of `docs/security.md` names the tests that hold it: `Suite`, `Suite.function`, `file.py` or `file.py::function`.
    @Test func everyTestOfSecurityExists() throws {
        let swift = try sources(below: "Tests").map { try String(contentsOf: $0, encoding: .utf8) }
        let promises = try text("docs/security.md").split(separator: "\n").filter { $0.hasPrefix("| ") && !$0.hasPrefix("| promise ") }
        #expect(promises.count >= 25)
        for promise in promises {
            let names = promise.split(separator: "|").last?.matches(of: /`([^`]+)`/).map { String($0.output.1) } ?? []
            #expect(!names.isEmpty, "\(promise)")
            for name in names {
                if let (file, function) = endToEnd(name) {
                    let source = try? text("Tests/EndToEnd/\(file)")
                    #expect(source?.contains(function.map { "def \($0)(" } ?? "def test_") == true, "\(name)")
                } else {
                    let parts = name.split(separator: ".", maxSplits: 1)
                    let suites = swift.filter { $0.contains("struct \(parts[0]) {") }
                    #expect(suites.contains { parts.count == 1 || $0.contains("func \(parts[1])(") }, "\(name)")
                }
            }
        }
    }

    private func endToEnd(_ name: String) -> (file: String, function: String?)? {
        guard name.hasPrefix("test_") else { return nil }
        let parts = name.split(separator: "::", maxSplits: 1).map(String.init)
        return (parts[0], parts.count > 1 ? parts[1] : nil)
    }

    /// The rows of a table between two comments of a page, without its head.
    private func table(_ name: String, of path: String) throws -> [String] {
        let page = try text(path)
        let start = try #require(page.range(of: "<!-- \(name) -->\n"))
        let end = try #require(page.range(of: "<!-- end of \(name) -->"))
        return page[start.upperBound..<end.lowerBound].split(separator: "\n").dropFirst(2).map(String.init)
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
        // Version 2 names its calls by path alone; of raw content it asks for the right to `SendRawEmail` too.
        var called: Set = [
            "SendEmail", "SendRawEmail", "GetAccount", "GetConfigurationSet", "CreateTenant", "GetTenant",
            "CreateTenantResourceAssociation", "GetReputationEntity", "PutSuppressedDestination", "DeleteSuppressedDestination",
        ]
        for file in try sources(below: "Sources/AmazonSES") where file.lastPathComponent.hasPrefix("SESClient") {
            let names = try String(contentsOf: file, encoding: .utf8).matches(of: /"((Send|Get|Set|Describe|Verify|Delete)[A-Z][A-Za-z]+)"/)
            for match in names
            // `SendQuota` is a member of an answer.
            where !match.output.1.hasSuffix("Result") && match.output.1 != "SendQuota" {
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
