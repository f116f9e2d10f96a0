/// Who can hold a right: the operator's token, or a scope of a customer's keys.
///
/// A role of people is one more case with its ``reach``, and stands in the rows of ``Action/holders``; nothing else has to know of it.
package enum RightsHolder: Hashable, Sendable {
    /// The master token.
    case master
    /// Keys with this scope.
    case key(Scope)

    /// In whose data a holder acts.
    package enum Reach: Sendable {
        /// In the data of all accounts.
        case all
        /// In its own account's. What belongs to others does not exist for it.
        case own
    }

    /// In whose data it acts.
    package var reach: Reach {
        switch self {
        case .master: .all
        case .key: .own
        }
    }
}

extension Action {
    /// Who may do it: the table of rights.
    ///
    /// Every interface asks it, by ``Principal/may(_:)``.
    package var holders: [RightsHolder] {
        switch self {
        case .emailsSend: [.master, .key(.send)]
        case .emailsRead: [.master, .key(.read)]
        case .emailsCancel: [.master, .key(.send)]
        // To see the links by which recipients act, with the capture transport.
        case .emailsLinks: [.master]
        case .templatesRead: [.master, .key(.read)]
        case .templatesManage: [.master, .key(.manage)]
        case .subscriptionsRequest: [.master, .key(.send)]
        case .subscriptionsRead: [.master, .key(.read)]
        case .subscriptionsManage: [.master, .key(.manage)]
        case .suppressionsRead: [.master, .key(.read)]
        case .suppressionsAdd: [.master, .key(.manage)]
        case .suppressionsLift: [.master, .key(.manage)]
        case .recipientsRead: [.master, .key(.read)]
        case .recipientsErase: [.master, .key(.manage)]
        case .jobsRead: [.master, .key(.manage)]
        case .callbacksRead: [.master, .key(.read)]
        case .callbacksManage: [.master, .key(.manage)]
        case .callbacksSecret: [.master, .key(.manage)]
        case .callbacksReplay: [.master, .key(.manage)]
        case .reportsRead: [.master, .key(.read)]
        case .domainsCreate: [.master, .key(.manage)]
        case .domainsRead: [.master, .key(.read)]
        case .domainsUpdate: [.master, .key(.manage)]
        case .domainsDelete: [.master, .key(.manage)]
        case .domainsVerify: [.master, .key(.manage)]
        case .domainsLimits: [.master, .key(.manage)]
        case .domainsControl: [.master]
        case .domainsAssign: [.master]
        case .domainsApprove: [.master]
        case .outboundIncrement: [.master, .key(.send)]
        case .sendersRead: [.master, .key(.read)]
        case .sendersManage: [.master, .key(.manage)]
        case .sendersApprove: [.master]
        case .accountsRead: [.master]
        case .accountsReview: [.master]
        case .accountsLimits: [.master]
        case .accountsOutbound: [.master, .key(.read)]
        case .accountsContacts: [.master, .key(.manage)]
        case .usageRead: [.master, .key(.read)]
        case .reputationRead: [.master, .key(.read)]
        case .keysRead: [.master, .key(.manage)]
        case .keysManage: [.master, .key(.manage)]
        case .auditRead: [.master, .key(.manage)]
        case .eventsRead: [.master]
        case .dashboardOpen: [.master, .key(.read)]
        case .billingRead: [.master]
        case .periodsReset: [.master]
        case .metricsRead: [.master]
        }
    }

    /// The scope that a key needs for it; `nil` where no key may do it.
    package var scope: Scope? {
        for case .key(let scope) in holders { return scope }
        return nil
    }
}

extension Principal {
    /// Whether the caller may do it, in the data of the accounts that it ``mayAccess(account:)``.
    package func may(_ action: Action) -> Bool {
        action.holders.contains { holder in
            switch (holder, identity) {
            case (.master, .master): true
            case (.key(let scope), .client(let key)): key.scopes.contains(scope)
            case (.master, .client), (.key, .master): false
            }
        }
    }

    /// Why the caller may not do it; `nil` where it may.
    package func refusal(of action: Action) -> Refusal? {
        guard !may(action) else { return nil }
        guard let scope = action.scope else { return Refusal(.forbidden, code: .masterRequired, "Master token required") }
        return Refusal(.forbidden, code: .scopeMissing, "The API key lacks the scope \(scope.rawValue)")
    }
}
