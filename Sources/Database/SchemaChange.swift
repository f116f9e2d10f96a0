/// What a statement of a migration does, by its first words.
package enum SchemaChange: Sendable, Equatable {
    /// A new table, or a new partition of one.
    case createTable(String)
    /// A new column; whether rows may lack a value, so that programs that do not know it can still insert them.
    case addColumn(table: String, column: String, isOptional: Bool)
    /// A new index on columns, which are listed as the statement has them.
    case createIndex(table: String, columns: String, isUnique: Bool)
    /// Rows that are written, with what the statement says behind the name of the table.
    case changeRows(table: String, text: String)
    /// A table, an index or a column that is removed.
    case drop(String)
    /// Anything else.
    case other

    /// Reads a statement.
    package init(_ statement: String) {
        let text = statement.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        if let match = text.firstMatch(of: /^CREATE TABLE (?:IF NOT EXISTS )?(\w+)/) {
            self = .createTable(String(match.1))
        } else if let match = text.firstMatch(of: /^ALTER TABLE (\w+) ADD COLUMN (\w+)(.*)$/) {
            let isOptional = !match.3.contains("NOT NULL") || match.3.contains("DEFAULT")
            self = .addColumn(table: String(match.1), column: String(match.2), isOptional: isOptional)
        } else if let match = text.firstMatch(of: /^CREATE (UNIQUE )?INDEX \w+ ON (\w+) (.*)$/) {
            self = .createIndex(table: String(match.2), columns: String(match.3), isUnique: match.1 != nil)
        } else if let match = text.firstMatch(of: /^(?:UPDATE|INSERT INTO|DELETE FROM) (\w+)(.*)$/) {
            self = .changeRows(table: String(match.1), text: String(match.2))
        } else if let match = text.firstMatch(of: /^(?:DROP TABLE|DROP INDEX|ALTER TABLE \w+ DROP COLUMN) (?:IF EXISTS )?(\w+)/) {
            self = .drop(String(match.1))
        } else {
            self = .other
        }
    }
}

extension Migration {
    /// Whether it removes what the version before needs.
    package var isContraction: Bool { name.hasSuffix(Self.contraction) }

    /// What it does that keeps the program of the version before from working: sentences, none for a migration that only adds.
    ///
    /// Tables and columns that are its own may be filled and indexed as it likes.
    package func breaks(in dialect: Dialect) -> [String] {
        var tables: Set<String> = []
        var columns: Set<String> = []
        return statements(dialect).compactMap { statement in
            switch SchemaChange(statement) {
            case .createTable(let name):
                tables.insert(name)
                return nil
            case .addColumn(let table, let column, let isOptional):
                columns.insert(column)
                return isOptional || tables.contains(table) ? nil : "\(table).\(column) is NOT NULL and has no DEFAULT"
            case .createIndex(let table, let text, let isUnique):
                let isOwn = tables.contains(table) || columns.contains { text.contains($0) }
                return !isUnique || isOwn ? nil : "a unique index on \(table) refuses rows that were allowed"
            case .changeRows(let table, let text):
                return tables.contains(table) || columns.contains { text.contains($0) } ? nil : "rows of \(table) are changed"
            case .drop(let name): return isContraction ? nil : "\(name) is removed"
            case .other: return "unknown statement: \(statement.prefix(60))"
            }
        }
    }
}
