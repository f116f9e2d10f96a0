import GRDB

// GRDB and our floor use the same words: `Database`, `DatabaseValue`, `DatabaseError`.
// Here GRDB's get names of their own; the room's other files import GRDB's types one by one.

typealias Connection = GRDB.Database
typealias SQLiteError = GRDB.DatabaseError
