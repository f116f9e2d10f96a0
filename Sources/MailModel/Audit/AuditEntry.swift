/// A row of the audit log.
package struct AuditEntry: Sendable, Equatable, Identifiable {
    /// The id, which sorts by the time.
    package var id: AuditID
    /// Who made the change, and from where.
    package var actor: AuditActor
    /// What was done: an ``AuditAction``, or a word that a later version has written.
    package var action: String
    /// What it was done to, `domain:shop.example`.
    package var target: String
    /// The reference of the account whose matter it is; `nil` for the operator's own.
    package var accountReference: String?
    /// What was there before; empty where nothing was.
    package var before: [String: AuditValue]
    /// What is there since; empty where nothing is.
    package var after: [String: AuditValue]

    /// A row of these values.
    package init(
        id: AuditID, actor: AuditActor, action: String, target: String, accountReference: String?, before: [String: AuditValue],
        after: [String: AuditValue]
    ) {
        self.id = id
        self.actor = actor
        self.action = action
        self.target = target
        self.accountReference = accountReference
        self.before = before
        self.after = after
    }

    /// When the change was made.
    package var at: Timestamp { id.uuid.time }
}

/// The id of a row of the audit log.
package struct AuditID: TimeOrderedID {
    /// The UUID.
    package let uuid: EmailID

    /// The id of this UUID.
    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}

/// Which rows of the audit log are searched for; `nil` leaves a property open.
package struct AuditFilter: Sendable, Equatable {
    /// Whose changes.
    package var actor: AuditActorFilter?
    /// One action, `domain.suspend`, or all of a subject, `domain`.
    package var action: AuditActionFilter?
    /// What was changed.
    package var target: AuditTarget?
    /// From this time on.
    package var since: Timestamp?
    /// Before this time.
    package var until: Timestamp?

    /// All rows.
    package init() {}
}

/// Which actions are searched for.
package enum AuditActionFilter: Sendable, Hashable {
    case one(AuditAction)
    /// All actions of a subject.
    case subject(String)

    /// Reads an action or a subject; `nil` for anything else.
    package init?(_ text: String) {
        if let action = AuditAction(rawValue: text) {
            self = .one(action)
        } else if AuditAction.subjects.contains(text) {
            self = .subject(text)
        } else {
            return nil
        }
    }
}
