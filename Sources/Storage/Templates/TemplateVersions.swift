import Database
import Encoding
import JSON
import MailModel

extension ReadableTransaction {
    /// The texts that emails of templates are made of.
    package var templateVersions: TemplateVersions<Self> { TemplateVersions(tx: self) }
}

/// The texts that emails of templates are made of: each version of a template once, and the values of each email (specification 5.5).
///
/// A version is stored with the first email that uses it, and deleted some time after the last one. Its texts never change, so an email's
/// texts, which are filled in whenever they are read, are always those that were accepted.
package struct TemplateVersions<Tx: ReadableTransaction> {
    let tx: Tx
}

/// The versions that a transaction refers to.
struct TemplateVersionCache {
    /// Those that are to be stored, or locked where they are stored already.
    fileprivate var pending: [TemplateVersion.ID: TemplateVersion] = [:]
    /// Those that stay until the transaction ends.
    fileprivate var held: Set<TemplateVersion.ID> = []
}

extension TemplateVersions {
    /// Returns the texts of an email of a template, filled in.
    ///
    /// - Parameter id: the email that has the content; not a copy.
    /// - Throws: ``StorageError/malformed(_:)`` where they cannot be made.
    func texts(of id: EmailID) throws -> (text: String, html: String?) {
        let found = try tx.sql.first(
            """
            SELECT v.body, v.html, v.is_html, t.variables
            FROM email_templates t JOIN template_versions v ON v.id = t.version_id WHERE t.email_id = ?1
            """, [.id(id)]
        ) { (text: $0.text(0), html: $0.optionalText(1), isHTML: $0.bool(2), variables: $0.text(3)) }
        guard let found, let variables = TemplateUse.variables(stored: found.variables) else {
            throw StorageError.malformed("email_templates")
        }
        let body = try body(found.text, html: found.html, isHTML: found.isHTML)
        return body.filled(with: TemplateValues(variables, escapedBy: HTMLEscaping.escape))
    }

    private func body(_ text: String, html: String?, isHTML: Bool) throws -> TemplateBody {
        do {
            return TemplateBody(text: try TemplateText(text), html: try html.map { try TemplateText($0) }, isHTML: isHTML)
        } catch {
            throw StorageError.malformed("template_versions: \(error)")
        }
    }
}

extension TemplateVersions where Tx == Transaction {
    /// How long after its last check a version is checked again.
    private static var checkInterval: Duration { FutureTime.longestWait }

    /// Records what an email's texts are made of.
    ///
    /// The version is written by ``flush()``.
    func insert(_ use: TemplateUse, of id: EmailID) throws {
        if !tx.templateVersionCache.held.contains(use.version.id) { tx.templateVersionCache.pending[use.version.id] = use.version }
        try tx.sql.add([.id(id), .blob(use.version.id), .text(use.storedVariables)], by: EmailRow.templateInsertion)
    }

    /// Stores the versions that emails of this transaction use, and locks those that are stored already: ``delete(limit:)`` leaves them.
    func flush() throws {
        while !tx.templateVersionCache.pending.isEmpty {
            let ids = tx.templateVersionCache.pending.keys.sorted { $0.lexicographicallyPrecedes($1) }
            var held = Set(try lock(ids))
            for id in ids where !held.contains(id) {
                // Where another node inserts it at this moment, the statement waits for it, and the next round locks it.
                if let version = tx.templateVersionCache.pending[id], try insert(version) { held.insert(id) }
            }
            for id in held { tx.templateVersionCache.pending[id] = nil }
            tx.templateVersionCache.held.formUnion(held)
        }
    }

    private func lock(_ ids: [TemplateVersion.ID]) throws -> [TemplateVersion.ID] {
        let lock = tx.sql.dialect.forReference
        return try tx.sql.query(
            over: ids.map { .blob($0) }, { "SELECT id FROM template_versions WHERE id IN (\($0)) ORDER BY id\(lock)" }
        ) { $0.blob(0) }
    }

    private func insert(_ version: TemplateVersion) throws -> Bool {
        try tx.sql.execute(
            "INSERT INTO template_versions (id, body, html, is_html, check_at) VALUES (?1, ?2, ?3, ?4, ?5) ON CONFLICT DO NOTHING",
            [
                .blob(version.id), .text(version.text), .text(version.html), .bool(version.isHTML),
                .timestamp(tx.now + Self.checkInterval),
            ]) == 1
    }

    /// Checks some of the versions that were not checked for a day, and deletes those that no email uses.
    ///
    /// - Returns: how many were checked; `limit` where more may be due.
    func delete(limit: Int) throws -> Int {
        let due = try tx.sql.query(
            "SELECT id FROM template_versions WHERE check_at <= ?1 ORDER BY check_at LIMIT ?2\(tx.sql.dialect.forUpdateSkipLocked)",
            [.timestamp(tx.now), .integer(limit)]
        ) { $0.blob(0) }
        guard !due.isEmpty else { return 0 }
        // Once they are locked: until then a new email may have used one.
        let used = Set(try used(among: due))
        let unused = due.filter { !used.contains($0) }
        try tx.sql.execute(overRows: unused.map { [.blob($0)] }) { "DELETE FROM template_versions WHERE id IN (VALUES \($0))" }
        for id in used {
            try tx.sql.execute(
                "UPDATE template_versions SET check_at = ?2 WHERE id = ?1", [.blob(id), .timestamp(tx.now + Self.checkInterval)])
        }
        return due.count
    }

    /// The subquery is one, and not a join, so that it always reads the first entry of an index.
    private func used(among ids: [TemplateVersion.ID]) throws -> [TemplateVersion.ID] {
        let found = try tx.sql.query(
            over: ids.map { .blob($0) },
            {
                """
                SELECT v.id, (SELECT e.email_id FROM email_templates e WHERE e.version_id = v.id ORDER BY e.email_id LIMIT 1)
                FROM template_versions v WHERE v.id IN (\($0))
                """
            }
        ) { (id: $0.blob(0), isUsed: !$0.isNull(1)) }
        return found.filter(\.isUsed).map(\.id)
    }
}

extension TemplateUse {
    /// The variables as a JSON object, in the order of their names.
    fileprivate var storedVariables: String {
        var writer = JSONWriter()
        writer.object { writer in
            for (name, value) in variables.sorted(by: { $0.key < $1.key }) { writer.member(name, value) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Returns the variables of a JSON object; `nil` where it is none.
    fileprivate static func variables(stored text: String) -> [String: String]? {
        guard let object = try? JSONValue.parse(text.utf8).objectValue else { return nil }
        return object.reduce(into: [:]) { variables, member in variables[member.name] = member.value.stringValue }
    }
}
