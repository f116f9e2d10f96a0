/// A bounce in SES's words (Amazon SES developer guide, "Bounce object").
package struct Bounce: Sendable, Equatable {
    package enum Persistence: String, Sendable, CaseIterable {
        case permanent = "Permanent"
        case transient = "Transient"
        /// SES could not tell from what the other side said.
        case undetermined = "Undetermined"

        fileprivate init?(anyCase text: String) {
            guard let value = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else { return nil }
            self = value
        }
    }

    package var persistence: Persistence
    /// `NoEmail`, `MailboxFull`, `OnAccountSuppressionList`, …
    package var subType: String?

    /// - Parameter type: `bounceType`, in any case. No type at all is permanent, a word that is not known undetermined.
    package init(type: String?, subType: String?) {
        persistence = type.map { Persistence(anyCase: $0) ?? .undetermined } ?? .permanent
        self.subType = subType
    }

    /// Where the email stands after it.
    package var status: EmailStatus {
        persistence == .permanent ? .bouncedPermanent : .bounced
    }

    /// Whether a soft bounce tells something of the mailbox: that it is full or out of order, and not that the message was not liked.
    package var concernsMailbox: Bool {
        persistence == .transient && !Self.aboutMessage.contains(subType?.lowercased() ?? "")
    }

    private static let aboutMessage: Set = ["messagetoolarge", "contentrejected", "attachmentrejected"]

    /// Whether the address must not be mailed again.
    package var suppresses: Bool {
        persistence == .permanent
    }
}
