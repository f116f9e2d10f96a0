import GRDB

// GRDB and module Database have types of the same names: `Database`, `DatabaseValue`, `DatabaseError`. Here those of GRDB get other names. It
// is the one file that imports GRDB as a whole, and so a file of its own: the others import its types one by one.

typealias Connection = GRDB.Database
typealias SQLiteError = GRDB.DatabaseError
