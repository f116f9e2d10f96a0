/// Whether the provider sends the mail of a tenant (SES API reference, `SendingStatus`).
package enum ProviderStatus: String, Sendable, CaseIterable {
    /// It sends.
    case enabled = "ENABLED"
    /// It sends although there are findings: it was resumed.
    case reinstated = "REINSTATED"
    /// It sends nothing.
    case disabled = "DISABLED"
}

/// What the provider says of the reputation of a tenant (SES API reference, `ReputationEntity`).
package struct ProviderVerdict: Sendable, Equatable {
    /// Whether it sends, all in all.
    package var status: ProviderStatus
    /// What the provider itself has decided; `nil` where it has decided nothing.
    package var providerStatus: ProviderStatus?
    /// Why, in the provider's words.
    package var providerCause: String?
    /// What the owner of the account at the provider has decided; `nil` where nothing.
    package var ownerStatus: ProviderStatus?
    /// Why, in the provider's words.
    package var ownerCause: String?
    /// How grave its findings are: `LOW` or `HIGH`; `nil` where there are none.
    package var impact: String?
    /// The policy by which it pauses: the last part of its ARN, such as `standard`; `nil` for none.
    package var policy: String?

    /// A verdict.
    package init(
        status: ProviderStatus, providerStatus: ProviderStatus? = nil, providerCause: String? = nil, ownerStatus: ProviderStatus? = nil,
        ownerCause: String? = nil, impact: String? = nil, policy: String? = nil
    ) {
        self.status = status
        self.providerStatus = providerStatus
        self.providerCause = providerCause
        self.ownerStatus = ownerStatus
        self.ownerCause = ownerCause
        self.impact = impact
        self.policy = policy
    }

    /// Whether this one says something that the customer has to know and another does not: whether mail is sent, and how grave the findings are.
    package func differs(from other: ProviderVerdict) -> Bool {
        status != other.status || impact != other.impact
    }

    /// The verdict in a sentence for people.
    package var explanation: String {
        let findings = impact.map { " Its findings are of \($0.lowercased()) impact." } ?? ""
        let cause = (providerStatus == .enabled ? nil : providerCause) ?? (ownerStatus == .enabled ? nil : ownerCause)
        let why = cause.map { " " + $0 } ?? ""
        switch status {
        case .enabled: return "Amazon SES sends the mail." + findings
        case .reinstated: return "Amazon SES sends the mail again, although there are findings." + findings + why
        case .disabled: return "Amazon SES has paused the mail." + findings + why
        }
    }
}
