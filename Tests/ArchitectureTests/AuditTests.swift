import Testing

/// The audit log is append-only: there is no statement that changes a row, and one that deletes old ones.
struct AuditTests {
    /// The files of Storage by their names.
    private static let files = Dictionary(
        (SourceModule.all.first { $0.name == "Storage" }?.files ?? []).map {
            ($0.path.split(separator: "/").last.map(String.init) ?? "", $0.text)
        }
    ) { first, _ in first }

    @Test func onlyItsSubjectRunsStatementsOnTheLog() {
        let stating = Self.files.filter { $0.value.contains(/(FROM|INTO|UPDATE|JOIN|into:) "?audit_log/) }.keys
        #expect(Set(stating) == ["AuditRow.swift"])
        let naming = Self.files.filter { $0.value.contains("\"audit_log\"") }.keys
        #expect(Set(naming) == ["AuditLog.swift", "AuditRow.swift", "MonthlyTable.swift", "Migrations+0020on.swift"])
    }

    @Test(arguments: files.keys.filter { $0.hasPrefix("Audit") })
    func noStatementChangesARow(_ name: String) {
        let text = Self.files[name] ?? ""
        #expect(!text.contains(/UPDATE |\.set\(/))
        #expect(text.matches(of: /DELETE FROM/).count == (name == "AuditLog.swift" ? 1 : 0))
    }
}
