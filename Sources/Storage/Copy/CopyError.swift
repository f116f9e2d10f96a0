/// Why a database could not be copied.
package enum CopyError: Error, Equatable, CustomStringConvertible {
    /// The destination has data that is not of this copy.
    case notEmpty(table: String)
    /// The two have different schemas: different versions of the program made them.
    case differentSchemas(table: String)
    /// After the copy, a table's rows are not the source's.
    case differs(table: String, source: Int64, destination: Int64)
    case unknownType(table: String, column: String, type: String)
    case noKey(table: String)

    package var description: String {
        switch self {
        case .notEmpty(let table):
            "the destination is not empty: its table \(table) has rows. A copy needs a database that nothing has used"
        case .differentSchemas(let table):
            "the schemas differ in table \(table): both databases need the same version of Martlet"
        case .differs(let table, let source, let destination):
            """
            table \(table) is not the same after the copy: \(source) rows here, \(destination) there. Was the source written to \
            meanwhile? Drop the destination, create it again and begin anew
            """
        case .unknownType(let table, let column, let type):
            "column \(column) of table \(table) has the type \(type), which no table of ours has"
        case .noKey(let table): "table \(table) has no primary key"
        }
    }
}
