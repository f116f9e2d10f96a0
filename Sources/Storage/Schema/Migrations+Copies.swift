import Database

extension Migrations {
    /// How far each table of a copy has come; empty when there is none under way.
    static let copies = Migration("0010-copies") { dialect in
        ["CREATE TABLE copied_tables (name TEXT PRIMARY KEY, last_key TEXT, copied \(dialect.integer) NOT NULL)"]
    }
}
