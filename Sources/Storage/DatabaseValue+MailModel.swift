import Database
import MailModel

extension DatabaseValue {
    static func timestamp(_ time: Timestamp?) -> DatabaseValue {
        .integer(time?.milliseconds)
    }

    static func id(_ id: EmailID) -> DatabaseValue {
        .blob(id.bytes)
    }

    static func id(_ id: some TimeOrderedID) -> DatabaseValue {
        .blob(id.bytes)
    }

    /// A key above all ids, for lists in descending order.
    static let aboveAllIDs = DatabaseValue.blob(Array(repeating: 0xFF, count: 16))
}

extension DatabaseRow {
    func timestamp(_ column: Int) -> Timestamp? {
        optionalInteger(column).map(Timestamp.init(milliseconds:))
    }

    func requiredTimestamp(_ column: Int) -> Timestamp {
        Timestamp(milliseconds: integer(column))
    }

    func choice<Choice: RawRepresentable<String>>(_ column: Int) throws -> Choice {
        guard let choice = Choice(rawValue: text(column)) else { throw StorageError.malformed("\(Choice.self)") }
        return choice
    }

    func id<ID: TimeOrderedID>(_ column: Int) throws -> ID {
        guard let id = ID(bytes: blob(column)) else { throw StorageError.malformed("\(ID.self)") }
        return id
    }

    func emailID(_ column: Int) throws -> EmailID {
        guard let id = EmailID(bytes: blob(column)) else { throw StorageError.malformed("email id") }
        return id
    }
}
