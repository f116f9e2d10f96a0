import JSON
import MailModel
import Recipients
import Web

extension Suppression {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", id)
            $0.member("userName", userName)
            $0.member("address", entry.address.description)
            $0.member("scope", entry.scope.rawValue)
            if let sender = entry.sender { $0.member("sender", sender.description) }
            $0.member("reason", entry.reason.rawValue)
            if let note = entry.note { $0.member("note", note) }
            $0.member("source", source.rawValue)
            $0.member("createdAt", createdAt.description)
        }
    }
}

extension SuppressionImport.Report {
    /// - Parameter columns: the names of the file's columns that were ignored.
    func write(to writer: inout JSONWriter, ignoring columns: [String]) {
        writer.object {
            $0.member("imported", imported)
            $0.member("duplicates", duplicates)
            $0.member("rejected") { writer in
                writer.array { array in
                    for rejection in rejected {
                        array.object {
                            $0.member("line", rejection.line)
                            $0.member("explain", rejection.explanation)
                        }
                    }
                }
            }
            $0.member("rejectedCount", rejectedCount)
            $0.member("ignoredColumns") { writer in
                writer.array { array in
                    for column in columns { array.value(column) }
                }
            }
        }
    }
}
