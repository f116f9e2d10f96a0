/// The rules by which the policy daemon answers mail servers (specification 11): the settings `policy.…`.
package struct PolicyRules: Sendable, Equatable {
    /// The attribute of a request that names the sending domain.
    package enum DomainSource: String, Sendable, CaseIterable {
        /// The envelope sender's domain; for the null sender that of the login.
        case sender
        /// The domain of the name the client logged in with.
        case sasl
    }

    /// How a message is counted: the same for the whole server, so that no message is counted twice.
    package enum Count: String, Sendable, CaseIterable {
        /// Once per message by its `recipient_count`, at DATA or END-OF-MESSAGE, whichever of them the mail server asks at.
        case recipients
        /// 1 per message, at DATA or END-OF-MESSAGE.
        case messages
        /// 1 per recipient, at RCPT.
        case rcpt
    }

    /// The answer for mail of a domain that does not exist here.
    package enum UnknownDomain: String, Sendable, CaseIterable {
        case dunno, reject
        case deferred = "defer"
    }

    /// The answer when the database does not answer.
    package enum OnError: String, Sendable, CaseIterable {
        case dunno
        case deferred = "defer"
    }

    /// Whose mail a request is about (`policy.domain`).
    package var domain: DomainSource = .sender
    /// What a message counts for (`policy.count`).
    package var count: Count = .recipients
    /// The answer for domains that do not exist here (`policy.unknownDomain`).
    package var unknownDomain: UnknownDomain = .dunno
    /// Whether a subdomain that is no domain here counts for its nearest parent that is one.
    package var usesParentDomain = true
    /// The answer when the database does not answer (`policy.onError`).
    package var onError: OnError = .deferred

    /// The default rules.
    package init() {}
}
