package import MailModel

/// Whether a domain takes mail.
package enum MailAcceptance: Sendable, Equatable {
    /// It has a mail server, or an address.
    case accepts
    /// It takes no mail; the reason in a sentence.
    case refuses(String)
    /// It says that it takes no mail, by a null MX (RFC 7505); the same in a sentence.
    case nullMX(String)
    /// The DNS does not answer now.
    case unknown
}

extension Resolver {
    /// Returns whether a domain takes mail: by its MX records, or else its addresses, as a sending server decides (RFC 5321 section 5.1).
    package func mailAcceptance(of domain: DomainName) async -> MailAcceptance {
        switch await answer(to: domain.description, .mx) {
        case .records(let records):
            let hasExchange = records.contains { if case .mx(_, let exchange) = $0 { !exchange.isEmpty } else { false } }
            return hasExchange ? .accepts : .nullMX("\(domain) says in the DNS that it takes no mail (RFC 7505)")
        case .noSuchName: return .refuses("\(domain) does not exist in the DNS")
        case .noData: return await implicitAcceptance(of: domain)
        case .failed: return .unknown
        }
    }

    /// A domain without MX records takes its mail at its own addresses.
    private func implicitAcceptance(of domain: DomainName) async -> MailAcceptance {
        for type in [DNSRecordType.a, .aaaa] {
            switch await answer(to: domain.description, type) {
            case .records: return .accepts
            case .failed: return .unknown
            case .noData, .noSuchName: continue
            }
        }
        return .refuses("\(domain) has neither a mail server nor an address in the DNS")
    }
}
