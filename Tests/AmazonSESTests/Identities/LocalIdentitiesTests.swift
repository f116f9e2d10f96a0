import Encoding
import MailModel
import Testing

@testable import AmazonSES

private let domain = DomainName(validated: "example.com")
private let address = EmailAddress(validated: "ann@example.com")

struct LocalIdentitiesTests {
    @Test func `returns tokens at once and Success at the next check`() async throws {
        let identities = identities()
        #expect(try await identities.identityStatus(of: domain) == .notStarted)
        #expect(try await identities.dkimStatus(of: domain) == .notStarted)
        let token = identities.verifyDomainIdentity(domain)
        let dkim = identities.verifyDomainDKIM(domain)
        #expect(try Base64.decode(token).count == 32)
        #expect(Set(dkim).count == 3 && dkim.allSatisfy { $0.count == 32 })
        #expect(try await identities.identityStatus(of: domain) == .success)
        #expect(try await identities.dkimStatus(of: domain) == .success)
    }

    @Test func `returns the same tokens after a restart`() async throws {
        let before = identities()
        let after = identities(wasRequested: { $0 == domain })
        #expect(before.verifyDomainIdentity(domain) == after.verifyDomainIdentity(domain))
        #expect(before.verifyDomainDKIM(domain) == after.verifyDomainDKIM(domain))
        let restarted = identities(wasRequested: { $0 == domain })
        #expect(try await restarted.identityStatus(of: domain) == .success)
        #expect(try await restarted.identityStatus(of: DomainName(validated: "other.com")) == .notStarted)
    }

    @Test func `each domain has its own tokens`() {
        let identities = identities()
        let other = DomainName(validated: "other.com")
        #expect(identities.verifyDomainIdentity(domain) != identities.verifyDomainIdentity(other))
        #expect(Set(identities.verifyDomainDKIM(domain)).isDisjoint(with: identities.verifyDomainDKIM(other)))
    }

    @Test func `a requested address is verified until it is deleted`() async throws {
        let identities = identities()
        #expect(try await identities.identityStatuses(of: [address]) == [:])
        identities.verifyEmailIdentity(address)
        #expect(try await identities.identityStatuses(of: [address, EmailAddress(validated: "bob@example.com")]) == [address: .success])
        identities.deleteIdentity(address)
        #expect(try await identities.identityStatuses(of: [address]) == [:])
        let restarted = self.identities(senderWasRequested: { $0 == address })
        #expect(try await restarted.identityStatuses(of: [address]) == [address: .success])
    }

    private func identities(
        wasRequested: @escaping @Sendable (DomainName) -> Bool = { _ in false },
        senderWasRequested: @escaping @Sendable (EmailAddress) -> Bool = { _ in false }
    ) -> LocalIdentities {
        LocalIdentities { name async throws(SESError) in
            wasRequested(name)
        } senderWasRequested: { address async throws(SESError) in
            senderWasRequested(address)
        }
    }
}
