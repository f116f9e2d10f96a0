/// One more recipient of a request, in `cc` or `bcc`: an email of its own for status and quota (specification 5.5).
package struct EmailCopy: Sendable, Equatable {
    package enum Kind: String, Sendable, CaseIterable {
        /// All recipients see it in the header.
        case cc
        /// Nobody sees it.
        case bcc
    }

    package var id: EmailID
    package var address: EmailAddress
    package var kind: Kind

    package init(id: EmailID, address: EmailAddress, kind: Kind) {
        self.id = id
        self.address = address
        self.kind = kind
    }
}

/// Who gets one message, when that are several.
package struct Recipients: Sendable, Equatable {
    /// What stands in `To` of every message.
    package var to: EmailAddress
    package var copies: [EmailCopy]

    package init(to: EmailAddress, copies: [EmailCopy]) {
        self.to = to
        self.copies = copies
    }

    package func addresses(_ kind: EmailCopy.Kind) -> [EmailAddress] {
        copies.filter { $0.kind == kind }.map(\.address)
    }
}

/// What an email is a copy of: the email to the recipient in `to`, which holds the content for both.
package struct CopyOrigin: Sendable, Equatable {
    package var id: EmailID
    package var kind: EmailCopy.Kind

    package init(id: EmailID, kind: EmailCopy.Kind) {
        self.id = id
        self.kind = kind
    }
}

extension Email {
    /// Under which id its content and attachments are kept.
    package var contentID: EmailID { copyOf?.id ?? id }

    /// Its copies; a copy has none.
    package var ownCopies: [EmailCopy] { copyOf == nil ? content.recipients?.copies ?? [] : [] }
}
