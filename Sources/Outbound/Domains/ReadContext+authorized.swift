import MailModel
import Storage

extension ReadContext {
    /// The domain of that name, if the caller may see it.
    ///
    /// Answered as a value, not thrown: a command that throws makes its whole batch of the group commit run again.
    func domain(_ name: String, for principal: Principal) throws -> Result<SendingDomain, OutboundError> {
        // A text that is no domain name names no domain: 404, whatever it looks like.
        guard let name = try? DomainName(name), let domain = try domain(named: name),
            principal.mayAccess(account: domain.accountID)
        else { return .failure(.notFound) }
        return .success(domain)
    }
}

extension WriteContext {
    /// Changes the domain of that name, if the caller may see it; unless `change` fails.
    func change(
        _ name: String, for principal: Principal, _ change: (inout SendingDomain) throws -> OutboundError?
    ) throws -> Result<SendingDomain, OutboundError> {
        let found = try domain(name, for: principal)
        guard case .success(var domain) = found else { return found }
        if let refusal = try change(&domain) { return .failure(refusal) }
        save(domain)
        return .success(domain)
    }
}
