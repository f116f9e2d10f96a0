/// One more recipient of a request, in `cc` or `bcc`: an email of its own for status and quota (specification 5.5).
public struct EmailCopy: Sendable, Equatable {
    public enum Kind: String, Sendable, CaseIterable {
        /// All recipients see it in the header.
        case cc
        /// Nobody sees it.
        case bcc
    }

    public var id: EmailID
    public var address: EmailAddress
    public var kind: Kind

    public init(id: EmailID, address: EmailAddress, kind: Kind) {
        self.id = id
        self.address = address
        self.kind = kind
    }
}

/// Who gets one message, when that are several.
public struct Recipients: Sendable, Equatable {
    /// What stands in `To` of every message.
    public var to: EmailAddress
    public var copies: [EmailCopy]

    public init(to: EmailAddress, copies: [EmailCopy]) {
        self.to = to
        self.copies = copies
    }

    public func addresses(_ kind: EmailCopy.Kind) -> [EmailAddress] {
        copies.filter { $0.kind == kind }.map(\.address)
    }
}

/// What an email is a copy of: the email to the recipient in `to`, which holds the content for both.
public struct CopyOrigin: Sendable, Equatable {
    public var id: EmailID
    public var kind: EmailCopy.Kind

    public init(id: EmailID, kind: EmailCopy.Kind) {
        self.id = id
        self.kind = kind
    }
}

extension Email {
    /// Under which id its content and attachments are kept.
    public var contentID: EmailID { copyOf?.id ?? id }

    /// Its copies; a copy has none.
    public var ownCopies: [EmailCopy] { copyOf == nil ? content.recipients?.copies ?? [] : [] }
}
