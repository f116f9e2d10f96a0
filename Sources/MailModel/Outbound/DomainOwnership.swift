/// Whose a domain is: the claim of an account on a name, and how far it is proven (specification 3.11).
///
/// Several accounts may claim a name. At most one of the claims is proven; the others have no effect on anybody else.
package struct DomainOwnership: Sendable, Equatable {
    /// How far a claim is believed.
    package enum State: String, Sendable, CaseIterable {
        /// Proven by the DNS, or believed because the operator says so.
        case proven
        /// Not proven yet.
        case pending
        /// Waits for the operator: the name was given up while it was suspended, or another account has proven it too.
        case review
    }

    /// How far it is believed.
    package var state: State
    /// The text that proves the claim in the DNS, different for each account and domain; `nil` where none was made yet.
    package var token: String?
    /// Whether SES's word is not enough, because SES held the identity already, or another account the name: then the TXT record of ``record(of:)`` has
    /// to be seen.
    package var needsRecord: Bool
    /// When it was last proven; `nil` for a claim that never was.
    package var provenAt: Timestamp?
    /// When it was made, or made again; `nil` where an earlier version made it.
    ///
    /// A pending claim lapses some days later.
    package var claimedAt: Timestamp?
    /// Who made SES's identity of the name; `nil` before SES was asked for this claim.
    package var identity: Identity?

    /// Who made SES's identity of a name.
    package enum Identity: String, Sendable, CaseIterable {
        /// Martlet, for this claim: it is deleted with the claim.
        case made
        /// Somebody else, or it is not known: SES held it before this claim asked.
        case found
    }

    /// A claim that was never made at a known time.
    package init(_ state: State = .proven) {
        self.state = state
        needsRecord = false
    }

    /// Whether the name is believed to be the account's.
    package var isProven: Bool { state == .proven }

    /// Whether the claim cannot be believed by SES's word alone, and is not believed otherwise.
    package var isContested: Bool { !isProven && (needsRecord || state == .review) }

    /// The TXT record that proves a claim.
    package struct Record: Sendable, Equatable {
        /// In full, without a dot at the end.
        package let name: String
        /// The text.
        package let value: String

        /// The record of a domain and a token.
        package init(of domain: DomainName, token: String) {
            name = "_martlet.\(domain)"
            value = "martlet-verify=\(token)"
        }
    }

    /// The record that has to be seen in the DNS; `nil` where none is needed.
    package func record(of domain: DomainName) -> Record? {
        guard isContested, let token else { return nil }
        return Record(of: domain, token: token)
    }

    /// Begins the claim anew, as its account makes the domain again: what was believed before has to be proven again.
    package mutating func claimAgain(at time: Timestamp) {
        state = .pending
        needsRecord = false
        claimedAt = time
        // An identity that is still to be deleted was made for this account.
        if identity == .found { identity = nil }
    }

    /// Believes the claim.
    package mutating func prove(at time: Timestamp) {
        state = .proven
        provenAt = time
    }
}

/// How accounts prove that a domain is theirs, and how many unproven ones they may have (specification 3.11, 3.12).
package struct OwnershipRules: Sendable, Equatable {
    /// When a TXT record is needed beside SES's verification (`domains.ownership`).
    package enum Proof: String, Sendable, CaseIterable {
        /// Where SES held the identity already, or another account the name.
        case auto
        /// For every domain that a client makes.
        case always
        /// Never: SES's word is enough.
        case off
    }

    /// When a TXT record is needed.
    package var proof = Proof.auto
    /// The most domains of an account that are not proven (`domains.maximumPending`).
    package var maximumPending = 50
    /// After how many days a claim that is not proven lapses (`domains.claimDays`).
    package var claimDays = 14

    /// The default rules.
    package init() {}
}

extension SendingDomain {
    /// The reason of a domain that was given up while its account was blocked.
    package static let givenUpWhileBlocked = "the account was blocked when the domain was deleted"

    /// Stores the statuses that SES answered.
    ///
    /// A domain is verified only where its owner is proven too.
    package mutating func verify(identity: SESVerification.Status, dkim: SESVerification.Status, at time: Timestamp) {
        verification.update(identity: identity, dkim: dkim, at: time)
        verification.isVerified = verification.isSuccess && ownership.isProven
    }

    /// Believes the claim; the domain is verified where SES has verified it.
    package mutating func prove(at time: Timestamp) {
        ownership.prove(at: time)
        verification.isVerified = verification.isSuccess
    }

    /// Gives the domain up: its customer deletes it, or its claim ends.
    ///
    /// Its row stays, and comes back when the account makes the domain again.
    ///
    /// A domain of a blocked account comes back suspended.
    package mutating func giveUp(at time: Timestamp) {
        if ownership.isProven, accountStatus == .blocked, outbound.status == .active {
            suspend(reason: Self.givenUpWhileBlocked, at: time)
        }
        deletedAt = time
    }

    /// Brings the domain back, with its configuration, status and counters.
    ///
    /// What was verified has to be verified again.
    package mutating func revive(at time: Timestamp) {
        deletedAt = nil
        verification = SESVerification()
        ownership.claimAgain(at: time)
    }
}
