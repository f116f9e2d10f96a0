/// What determines how an email leaves: its sender, and whose it is.
package struct SendingOrigin: Sendable, Hashable {
    /// The address that it is sent from.
    package var sender: EmailAddress
    /// The account that it belongs to.
    package var accountID: Int64
    /// The domain that was charged for it; `nil` where its sender is a verified address of no domain.
    package var domainID: Int64?

    /// An origin with these values.
    package init(sender: EmailAddress, accountID: Int64, domainID: Int64?) {
        self.sender = sender
        self.accountID = accountID
        self.domainID = domainID
    }
}

extension Email {
    /// What determines how it leaves.
    package var origin: SendingOrigin { SendingOrigin(sender: sender, accountID: accountID, domainID: domainID) }
}

/// The configuration set and the tenant at SES by which an email leaves.
package struct SendingRoute: Sendable, Hashable {
    /// The configuration set; `nil` for none.
    package var configurationSet: String?
    /// The tenant; `nil` for the AWS account itself.
    package var tenant: String?

    /// A route by these.
    package init(configurationSet: String? = nil, tenant: String? = nil) {
        self.configurationSet = configurationSet
        self.tenant = tenant
    }

    /// The scopes for which SES may refuse the mail of a sender that leaves by this route.
    package func scopes(of sender: EmailAddress) -> [SendingScope] {
        let own = [tenant.map(SendingScope.tenant), configurationSet.map(SendingScope.configurationSet)].compactMap { $0 }
        return own + SendingScope.identities(of: sender)
    }
}

/// The configuration sets of the tiers; pools of dedicated addresses hang on them (specification 6.1).
package struct ConfigurationSets: Sendable, Equatable {
    /// The set of the tiers that have none of their own; `nil` for none.
    package var common: String?
    /// The sets by tier.
    package var byTier: [OutboundConfiguration.Tier: String]

    /// Sets for the tiers.
    package init(common: String? = nil, byTier: [OutboundConfiguration.Tier: String] = [:]) {
        self.common = common
        self.byTier = byTier
    }

    /// The set of a tier; `nil` for none.
    package subscript(tier: OutboundConfiguration.Tier) -> String? { byTier[tier] ?? common }

    /// Whether all mail leaves by the same set.
    package var isConstant: Bool { Set(OutboundConfiguration.Tier.allCases.map { self[$0] }).count == 1 }

    /// All sets that are used, each once, in the order of the tiers.
    package var names: [String] {
        var names: [String] = []
        for name in OutboundConfiguration.Tier.allCases.compactMap({ self[$0] }) where !names.contains(name) { names.append(name) }
        return names
    }

    /// Whether SES takes a text for the name of a set: 1 to 64 letters, digits, `-` and `_`.
    package static func isName(_ text: some StringProtocol) -> Bool {
        (1...64).contains(text.count) && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "-_".contains($0)) }
    }

    /// Reads the sets by tier: `shared:mail,dedicated:mail-dedicated`; `nil` for anything else, and for a tier that is given twice.
    package static func tiers(_ text: String) -> [OutboundConfiguration.Tier: String]? {
        var sets: [OutboundConfiguration.Tier: String] = [:]
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
            let parts = entry.trimmed.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 2, let tier = OutboundConfiguration.Tier(rawValue: String(parts[0])), isName(parts[1]), sets[tier] == nil
            else { return nil }
            sets[tier] = String(parts[1])
        }
        return sets
    }
}
