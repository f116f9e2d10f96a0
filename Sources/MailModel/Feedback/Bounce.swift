/// A bounce as SES describes it (Amazon SES developer guide, "Bounce object").
package struct Bounce: Sendable, Equatable {
    /// How lasting the failure is (`bounceType`).
    package enum Persistence: String, Sendable, CaseIterable {
        case permanent = "Permanent"
        case transient = "Transient"
        /// SES could not tell from the answer of the receiving server.
        case undetermined = "Undetermined"

        fileprivate init?(anyCase text: String) {
            guard let value = Self.allCases.first(where: { $0.rawValue.lowercased() == text.lowercased() }) else { return nil }
            self = value
        }
    }

    /// How lasting the failure is.
    package var persistence: Persistence
    /// The kind within it: `NoEmail`, `MailboxFull`, `OnAccountSuppressionList` and others.
    package var subType: String?

    /// A bounce of SES's type and subtype.
    ///
    /// - Parameter type: `bounceType`, in any case. No type counts as permanent, an unknown one as undetermined.
    package init(type: String?, subType: String?) {
        persistence = type.map { Persistence(anyCase: $0) ?? .undetermined } ?? .permanent
        self.subType = subType
    }

    /// The status of the email that it leads to.
    package var status: EmailStatus {
        persistence == .permanent ? .bouncedPermanent : .bounced
    }

    /// Whether it is a soft bounce that concerns the mailbox, which is full or out of order, and not the message.
    package var concernsMailbox: Bool {
        persistence == .transient && !Self.aboutMessage.contains(subType?.lowercased() ?? "")
    }

    private static let aboutMessage: Set = ["messagetoolarge", "contentrejected", "attachmentrejected"]

    /// Whether the address must not be mailed again.
    package var suppresses: Bool {
        persistence == .permanent
    }
}

/// A complaint as SES describes it (Amazon SES developer guide, "Complaint object").
package struct Complaint: Sendable, Equatable {
    /// `abuse`, `fraud`, `not-spam`, …; often absent.
    package var feedbackType: String?
    /// `OnAccountSuppressionList`, or `nil`.
    package var subType: String?

    /// A complaint with SES's words.
    package init(feedbackType: String?, subType: String?) {
        self.feedbackType = feedbackType
        self.subType = subType
    }

    /// False for a report that the email is no spam.
    package var isGenuine: Bool {
        feedbackType?.lowercased() != "not-spam"
    }
}
