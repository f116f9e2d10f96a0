import MailModel
import Outbound

/// The domains and single addresses of an account as SES's identities.
struct IdentityDirectory: Sendable {
    let domains: DomainService
    let senders: SenderService
    let verification: VerificationService

    /// An identity.
    enum Identity: Sendable {
        case domain(SendingDomain)
        case address(Sender)

        /// The domain, or the address.
        var name: String {
            switch self {
            case .domain(let domain): domain.name.description
            case .address(let sender): sender.address.description
            }
        }

        var isDomain: Bool {
            if case .domain = self { true } else { false }
        }

        /// Whether emails may be sent from it.
        var isVerified: Bool {
            switch self {
            case .domain(let domain): domain.verification.isVerified
            case .address(let sender): sender.status == .verified
            }
        }

        /// The status in the words of version 1.
        ///
        /// A domain that SES has verified, and whose claim is not proven, is still pending.
        var status: SESVerification.Status {
            switch self {
            case .domain(let domain):
                domain.verification.identity == .success && !domain.verification.isVerified ? .pending : domain.verification.identity
            case .address(let sender):
                switch sender.status {
                case .verified: .success
                case .failed: .failed
                case .requested, .pending: .pending
                }
            }
        }

        /// The status of the DKIM signature; that of an address is its domain's, of which nothing is known.
        var dkim: SESVerification.Status {
            if case .domain(let domain) = self { domain.verification.dkim } else { .notStarted }
        }
    }

    /// Adds a domain, unless the account has it, and asks SES to verify it.
    ///
    /// - Returns: the records that its owner has to set.
    func verify(domain name: String, by principal: Principal) async throws -> VerificationRecords {
        do {
            _ = try await domains.create(name: name, partnerReference: nil, by: principal)
        } catch let refusal as Refusal where refusal.kind == .alreadyExists {}
        return try await verification.start(name, by: principal)
    }

    /// Asks for a single address.
    func verify(address: String, by principal: Principal) async throws -> Sender {
        try await senders.request(address, by: principal)
    }

    /// Returns an identity of the caller's account with its present status; `nil` where there is none.
    func find(_ name: String, by principal: Principal) async throws -> Identity? {
        do {
            if name.contains("@") {
                let sender = try await sender(name, by: principal)
                return sender.map(Identity.address)
            }
            let domain = try await domains.find(name, by: principal)
            guard domain.verification.requestedAt != nil else { return .domain(domain) }
            _ = try await verification.status(name, by: principal)
            let current = try await domains.find(name, by: principal)
            return .domain(current)
        } catch let refusal as Refusal where refusal.kind == .notFound || refusal.kind == .invalid {
            return nil
        }
    }

    /// Deletes an identity.
    func delete(_ name: String, by principal: Principal) async throws {
        if name.contains("@") {
            try await senders.delete(name, by: principal)
        } else {
            try await domains.delete(name, by: principal)
        }
    }

    private func sender(_ text: String, by principal: Principal) async throws -> Sender? {
        guard let address = try? EmailAddress(text) else { return nil }
        var after: String?
        while true {
            let page = try await senders.list(by: principal, after: after, limit: Self.page)
            if let found = page.first(where: { $0.address == address }) { return found }
            guard page.count == Self.page, let last = page.last else { return nil }
            after = last.address.description
        }
    }

    private static let page = 1000
}

extension IdentityDirectory {
    /// A page of identities: domains first, newest first, then addresses.
    struct Listing {
        var identities: [Identity] = []
        /// What continues behind the page; `nil` where that was all.
        var next: String?
    }

    /// Returns identities.
    ///
    /// - Parameters:
    ///   - kinds: whether domains, and whether addresses are listed.
    ///   - token: ``Listing/next`` of the page before.
    func list(_ kinds: (domains: Bool, addresses: Bool), after token: String?, limit: Int, by principal: Principal) async throws -> Listing
    {
        var place = try Place(token)
        var listing = Listing()
        if kinds.domains, case .domains(let after) = place {
            let found = try await domains.list(by: principal, after: after, limit: limit + 1)
            listing.identities = found.prefix(limit).map(Identity.domain)
            if found.count > limit {
                listing.next = listing.identities.last.map(Place.behind)
                return listing
            }
        }
        if case .domains = place { place = .addresses(after: nil) }
        let rest = limit - listing.identities.count
        guard kinds.addresses, case .addresses(let after) = place else { return listing }
        let found = try await senders.list(by: principal, after: after, limit: rest + 1)
        let shown = found.prefix(rest).map(Identity.address)
        listing.identities += shown
        if found.count > rest { listing.next = shown.last.map(Place.behind) ?? Place.firstAddress }
        return listing
    }

    /// Where a page begins.
    private enum Place {
        case domains(after: Int64?)
        case addresses(after: String?)

        init(_ token: String?) throws(SESFault) {
            guard let token else {
                self = .domains(after: nil)
                return
            }
            let text = token.dropFirst()
            switch token.first {
            case "d" where Int64(text) != nil: self = .domains(after: Int64(text))
            case "a" where text.isEmpty: self = .addresses(after: nil)
            case "a" where (try? EmailAddress(String(text))) != nil: self = .addresses(after: String(text))
            default: throw .invalid("NextToken: not a token of an answer of this call")
            }
        }

        static let firstAddress = "a"

        static func behind(_ identity: Identity) -> String {
            switch identity {
            case .domain(let domain): "d\(domain.id)"
            case .address(let sender): "a\(sender.address)"
            }
        }
    }
}
