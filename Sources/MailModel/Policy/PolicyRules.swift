/// How the policy daemon takes what a mail server asks (specification 11): the settings `policy.…`.
package struct PolicyRules: Sendable, Equatable {
    /// Which name of a request says whose mail it is.
    package enum DomainSource: String, Sendable, CaseIterable {
        /// The envelope sender's domain; for the null sender that of the login.
        case sender
        /// The domain of the name the client logged in with.
        case sasl
    }

    /// What a message counts for. One way for the whole server, so that no message is counted twice.
    package enum Count: String, Sendable, CaseIterable {
        /// Once per message by its `recipient_count`, at DATA or END-OF-MESSAGE, whichever the mail server asks at.
        case recipients
        /// 1 per message, at DATA or END-OF-MESSAGE.
        case messages
        /// 1 per recipient, at RCPT.
        case rcpt
    }

    /// What becomes of mail of a domain that does not exist here.
    package enum UnknownDomain: String, Sendable, CaseIterable {
        case dunno, reject
        case deferred = "defer"
    }

    /// What a mail server is told when the database does not answer.
    package enum OnError: String, Sendable, CaseIterable {
        case dunno
        case deferred = "defer"
    }

    package var domain: DomainSource = .sender
    package var count: Count = .recipients
    package var unknownDomain: UnknownDomain = .dunno
    /// A subdomain that is no domain here counts for the nearest domain above it that is one.
    package var usesParentDomain = false
    package var onError: OnError = .deferred

    package init() {}
}
