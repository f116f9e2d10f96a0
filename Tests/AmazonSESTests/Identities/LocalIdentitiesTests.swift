import MailModel
import Testing

@testable import AmazonSES

private let domain = DomainName(validated: "example.com")

struct LocalIdentitiesTests {
    @Test func `gives records at once and success at the next check`() async throws {
        let identities = LocalIdentities { _ in false }
        #expect(try await identities.identityStatus(of: domain) == .notStarted)
        #expect(try await identities.dkimStatus(of: domain) == .notStarted)
        let token = identities.verifyDomainIdentity(domain)
        let dkim = identities.verifyDomainDKIM(domain)
        #expect(Base64.decoded(token)?.count == 32)
        #expect(Set(dkim).count == 3 && dkim.allSatisfy { $0.count == 32 })
        #expect(try await identities.identityStatus(of: domain) == .success)
        #expect(try await identities.dkimStatus(of: domain) == .success)
    }

    @Test func `tells the same after a restart`() async throws {
        let before = LocalIdentities { _ in false }
        let after = LocalIdentities { $0 == domain }
        #expect(before.verifyDomainIdentity(domain) == after.verifyDomainIdentity(domain))
        #expect(before.verifyDomainDKIM(domain) == after.verifyDomainDKIM(domain))
        let restarted = LocalIdentities { $0 == domain }
        #expect(try await restarted.identityStatus(of: domain) == .success)
        #expect(try await restarted.identityStatus(of: DomainName(validated: "other.com")) == .notStarted)
    }

    @Test func `domains have tokens of their own`() {
        let identities = LocalIdentities { _ in false }
        let other = DomainName(validated: "other.com")
        #expect(identities.verifyDomainIdentity(domain) != identities.verifyDomainIdentity(other))
        #expect(Set(identities.verifyDomainDKIM(domain)).isDisjoint(with: identities.verifyDomainDKIM(other)))
    }
}
