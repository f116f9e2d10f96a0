/// One more recipient of a request, in `cc` or `bcc`: an email of its own for status and quota (specification 5.5).
package struct EmailCopy: Sendable, Equatable {
    /// The header field in which a recipient was given.
    package enum Kind: String, Sendable, CaseIterable {
        /// All recipients see it in the header.
        case cc
        /// No recipient sees it.
        case bcc
    }

    /// The id of the copy's own email.
    package var id: EmailID
    /// Whom it goes to.
    package var address: EmailAddress
    /// The display name of the recipient; `nil` for none.
    package var name: String?
    /// The header field in which they were given.
    package var kind: Kind

    /// A copy with these values.
    package init(id: EmailID, address: EmailAddress, name: String? = nil, kind: Kind) {
        self.id = id
        self.address = address
        self.name = name
        self.kind = kind
    }
}

/// The recipients of one message, when there are several.
package struct Recipients: Sendable, Equatable {
    /// The address in `To` of every message.
    package var to: EmailAddress
    /// The further recipients, in their order.
    package var copies: [EmailCopy]

    /// Recipients of one message.
    package init(to: EmailAddress, copies: [EmailCopy]) {
        self.to = to
        self.copies = copies
    }

    /// Returns the addresses of one header field, in their order.
    package func addresses(_ kind: EmailCopy.Kind) -> [EmailAddress] {
        copies.filter { $0.kind == kind }.map(\.address)
    }

    /// Returns the mailboxes of one header field, in their order.
    package func mailboxes(_ kind: EmailCopy.Kind) -> [Mailbox] {
        copies.filter { $0.kind == kind }.map { Mailbox(name: $0.name, address: $0.address) }
    }
}

/// The origin of a copy: the email to the recipient in `to`, which has the content of both.
package struct CopyOrigin: Sendable, Equatable {
    /// The email to the recipient in `to`.
    package var id: EmailID
    /// The header field in which the copy's recipient was given.
    package var kind: EmailCopy.Kind

    /// The origin of a copy.
    package init(id: EmailID, kind: EmailCopy.Kind) {
        self.id = id
        self.kind = kind
    }
}

extension Email {
    /// The id under which its content and attachments are stored.
    package var contentID: EmailID { copyOf?.id ?? id }

    /// The display name of its recipient; `nil` for none.
    package var recipientName: String? {
        copyOf == nil ? content.alias : content.recipients?.copies.first { $0.id == id }?.name
    }

    /// Its copies; a copy has none.
    package var ownCopies: [EmailCopy] { copyOf == nil ? content.recipients?.copies ?? [] : [] }
}
