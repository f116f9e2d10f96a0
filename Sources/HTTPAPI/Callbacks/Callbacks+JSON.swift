import Callbacks
import JSON
import MailModel

extension CallbackEndpoint {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", id)
            $0.member("url", url)
            $0.member("events", events)
            $0.member("active", isActive)
            $0.member("createdAt", createdAt.description)
        }
    }
}

extension CallbackSecret {
    /// - Parameter now: decides whether the previous secret is still valid, and written.
    func write(at now: Timestamp, to writer: inout JSONWriter) {
        writer.object {
            $0.member("secret", Self.shown(value))
            $0.member("createdAt", createdAt.description)
            if let previous, let previousExpiresAt, previousExpiresAt > now {
                $0.member("previous", Self.shown(previous))
                $0.member("previousExpiresAt", previousExpiresAt.description)
            }
        }
    }
}

extension CallbackDelivery {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("id", id.description)
            $0.member("eventId", eventID.description)
            $0.member("emailId", emailID?.description)
            $0.member("url", url)
            $0.member("status", status.rawValue)
            $0.member("attempts") { writer in
                writer.array { array in
                    for attempt in attempts { attempt.write(to: &array) }
                }
            }
            if let nextAttemptAt { $0.member("nextAttemptAt", nextAttemptAt.description) }
        }
    }
}

extension CallbackAttempt {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("at", at.description)
            if let httpStatus { $0.member("httpStatus", httpStatus) }
            if let error { $0.member("error", error) }
        }
    }
}
