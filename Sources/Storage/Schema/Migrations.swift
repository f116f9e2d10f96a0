import Database

/// The migrations of the schema, oldest first.
enum Migrations {
    static let all: [Migration] = [
        first, policy, callbacks, recipients, senders, search, subscriptions,
        nodes, reports, sessions, copies, attachments, templates, retention, answers, writeProbe, housekeeping, periods, contentSize,
        waitingEvents,
    ]

    private static let first = Migration("0001-first") { dialect in
        accounts(dialect) + domains(dialect) + emails(dialect) + feedback(dialect)
    }
}
