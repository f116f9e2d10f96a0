import JSON
package import MailModel

/// The answer to the first request with an `Idempotency-Key`, without what the stored email has unchanged: enough to give exactly the same
/// answer again, without a copy of the texts.
package struct FirstAnswer: Sendable, Equatable {
    /// The email that was accepted.
    package var emailID: EmailID
    /// The status of the email in the answer.
    package var status: EmailStatus
    /// The statuses of the email's copies in the answer.
    package var copies: [EmailID: EmailStatus]
    /// The note in the answer, such as a warning about the sender's limits.
    package var note: String?
    /// The request's id, which its answer names.
    package var transactionID: String
    /// When the request was accepted.
    package var time: Timestamp

    /// An answer with all its parts.
    package init(
        emailID: EmailID, status: EmailStatus, copies: [EmailID: EmailStatus] = [:], note: String?, transactionID: String, time: Timestamp
    ) {
        self.emailID = emailID
        self.status = status
        self.copies = copies
        self.note = note
        self.transactionID = transactionID
        self.time = time
    }
}

extension FirstAnswer {
    /// The answer as a JSON object.
    var stored: String {
        var writer = JSONWriter()
        writer.object { object in
            object.member("id", emailID.description)
            object.member("status", status.rawValue)
            if let note { object.member("note", note) }
            object.member("transaction", transactionID)
            object.member("at", time.milliseconds)
            guard !copies.isEmpty else { return }
            object.member("copies") { writer in
                writer.object { object in
                    for (id, status) in copies.map({ ($0.key.description, $0.value) }).sorted(by: { $0.0 < $1.0 }) {
                        object.member(id, status.rawValue)
                    }
                }
            }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    /// Reads what ``stored`` has written.
    ///
    /// - Throws: ``StorageError/malformed(_:)`` for anything else.
    init(stored text: String) throws {
        guard let object = try? JSONValue.parse(Array(text.utf8)).objectValue, let id = object["id"]?.stringValue.flatMap(EmailID.init),
            let status = object["status"]?.stringValue.flatMap(EmailStatus.init), let transaction = object["transaction"]?.stringValue,
            let time = object["at"]?.integerValue
        else { throw StorageError.malformed("idempotency_keys.answer") }
        var copies: [EmailID: EmailStatus] = [:]
        for member in object["copies"]?.objectValue ?? JSONObject() {
            guard let id = EmailID(member.name), let status = member.value.stringValue.flatMap(EmailStatus.init) else {
                throw StorageError.malformed("idempotency_keys.answer")
            }
            copies[id] = status
        }
        self.init(
            emailID: id, status: status, copies: copies, note: object["note"]?.stringValue, transactionID: transaction,
            time: Timestamp(milliseconds: time))
    }
}
