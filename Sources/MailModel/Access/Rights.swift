/// Who can hold a right: the operator's token, a scope of a customer's keys, or a role of people.
package enum RightsHolder: Hashable, Sendable {
    /// The master token.
    case master
    /// Keys with this scope.
    case key(Scope)
    /// People with this role.
    case role(Role)

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
        case .role(let role): role.place == .operator ? .all : .own
        }
    }
}

extension [RightsHolder] {
    /// Who may do everything at the operator's.
    fileprivate static let operators: [RightsHolder] = [.master, .role(.owner), .role(.admin)]
    /// The other roles that read what emails are about: support in all accounts, everybody of an account in it.
    fileprivate static let readers: [RightsHolder] = [.role(.support), .role(.accountAdmin), .role(.developer), .role(.viewer)]
}

extension Action {
    /// Who may do it: the table of rights.
    ///
    /// Every interface asks it, by ``Principal/may(_:)``.
    package var holders: [RightsHolder] {
        switch self {
        case .emailsSend: .operators + [.key(.send)] + [.role(.accountAdmin), .role(.developer)]
        case .emailsRead: .operators + [.key(.read)] + .readers
        case .emailsCancel: .operators + [.key(.send)] + [.role(.accountAdmin), .role(.developer)]
        // To see the links by which recipients act, with the capture transport.
        case .emailsLinks: .operators
        case .templatesRead: .operators + [.key(.read)] + .readers
        case .templatesManage: .operators + [.key(.manage)] + [.role(.accountAdmin), .role(.developer)]
        case .subscriptionsRequest: .operators + [.key(.send)] + [.role(.accountAdmin), .role(.developer)]
        case .subscriptionsRead: .operators + [.key(.read)] + .readers
        case .subscriptionsManage: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .suppressionsRead: .operators + [.key(.read)] + .readers
        case .suppressionsAdd: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .suppressionsLift: .operators + [.key(.manage)] + [.role(.support), .role(.accountAdmin)]
        case .recipientsRead: .operators + [.key(.read)] + .readers
        case .recipientsErase: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .jobsRead: .operators + [.key(.manage)] + [.role(.support), .role(.accountAdmin)]
        case .callbacksRead: .operators + [.key(.read)] + .readers
        case .callbacksManage: .operators + [.key(.manage)] + [.role(.accountAdmin), .role(.developer)]
        case .callbacksSecret: .operators + [.key(.manage)] + [.role(.accountAdmin), .role(.developer)]
        case .callbacksReplay: .operators + [.key(.manage)] + [.role(.accountAdmin), .role(.developer)]
        case .reportsRead: .operators + [.key(.read)] + .readers
        case .domainsCreate: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .domainsRead: .operators + [.key(.read)] + .readers
        case .domainsUpdate: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .domainsDelete: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .domainsVerify: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .domainsLimits: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .domainsControl: .operators
        case .domainsAssign: .operators
        case .domainsApprove: .operators
        case .outboundIncrement: .operators + [.key(.send)] + [.role(.accountAdmin), .role(.developer)]
        case .sendersRead: .operators + [.key(.read)] + .readers
        case .sendersManage: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .sendersApprove: .operators
        case .accountsRead: .operators + [.role(.support), .role(.billing)]
        case .accountsReview: .operators
        case .accountsLimits: .operators
        case .accountsOutbound: .operators + [.key(.read)] + .readers + [.role(.billing)]
        case .accountsContacts: .operators + [.key(.manage)] + [.role(.accountAdmin)]
        case .usageRead: .operators + [.key(.read)] + .readers + [.role(.billing)]
        case .reputationRead: .operators + [.key(.read)] + .readers
        case .keysRead: .operators + [.key(.manage)] + [.role(.support), .role(.accountAdmin), .role(.developer)]
        case .keysManage: .operators + [.key(.manage)] + [.role(.accountAdmin), .role(.developer)]
        case .auditRead: .operators + [.key(.manage)] + [.role(.support), .role(.accountAdmin)]
        case .usersRead: .operators + [.role(.support), .role(.accountAdmin)]
        case .usersManage: .operators + [.role(.accountAdmin)]
        case .profileManage: Role.allCases.map(RightsHolder.role)
        case .eventsRead: .operators + [.role(.support)]
        case .dashboardOpen: .operators + [.key(.read)] + .readers + [.role(.billing)]
        case .billingRead: .operators + [.role(.billing)]
        case .periodsReset: .operators
        case .metricsRead: .operators
        }
    }

    /// The scope that a key needs for it; `nil` where no key may do it.
    package var scope: Scope? {
        for case .key(let scope) in holders { return scope }
        return nil
    }
}

extension Principal {
    /// The role of a person; `nil` for the master token and keys.
    package var role: Role? { person?.user.role }

    /// All that the caller may give to keys; `nil` for the operator, who may give everything.
    package var keyRights: KeyRights? {
        switch identity {
        case .master: nil
        case .client(let key): key.rights
        case .user(let person): person.user.account.map { _ in KeyRights(scopes: person.user.role.grantableScopes) }
        }
    }

    /// Whether the caller may do it, in the data of the accounts that it ``mayAccess(account:)``.
    package func may(_ action: Action) -> Bool {
        action.holders.contains { holder in
            switch (holder, identity) {
            case (.master, .master): true
            case (.key(let scope), .client(let key)): key.scopes.contains(scope)
            case (.role(let role), .user(let person)): person.user.role == role && person.may(action)
            case (.master, _), (.key, _), (.role, _): false
            }
        }
    }

    /// Why the caller may not do it; `nil` where it may.
    package func refusal(of action: Action) -> Refusal? {
        guard !may(action) else { return nil }
        if person?.needsSecondFactor == true {
            return Refusal(.forbidden, code: .secondFactorRequired, "A second factor has to be set up first")
        }
        if let role { return Refusal(.forbidden, code: .roleMissing, "The role \(role.name) may not do that") }
        guard let scope = action.scope else { return Refusal(.forbidden, code: .masterRequired, "Master token required") }
        return Refusal(.forbidden, code: .scopeMissing, "The API key lacks the scope \(scope.rawValue)")
    }
}
