package import MailModel

/// The calls about identities: domains, and single addresses.
///
/// SES allows about one of them a second per AWS account, so callers cache what they can.
package protocol SESIdentities: Sendable {
    /// Starts or repeats the verification of a domain (`VerifyDomainIdentity`).
    ///
    /// - Returns: the value of the TXT record at `_amazonses.<domain>`; the same whenever it is asked for.
    func verifyDomainIdentity(_ domain: DomainName) async throws(SESError) -> String

    /// Starts or repeats the set-up of Easy DKIM (`VerifyDomainDkim`).
    ///
    /// - Returns: three tokens, each for a CNAME record `<token>._domainkey.<domain>` to `<token>.dkim.amazonses.com`.
    func verifyDomainDKIM(_ domain: DomainName) async throws(SESError) -> [String]

    /// What SES says about the domain (`GetIdentityVerificationAttributes`); ``SESVerification/Status/notStarted`` when it does not know
    /// it.
    func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status

    /// What SES says about the domain's DKIM (`GetIdentityDkimAttributes`); ``SESVerification/Status/notStarted`` when it does not know it.
    func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status

    /// How the domain is set up (`GetIdentityVerificationAttributes`, `GetIdentityDkimAttributes`, `GetIdentityMailFromDomainAttributes`).
    /// Changes nothing: of a domain that SES does not know there is nothing to tell.
    func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity

    /// Has SES mail a link to an address, which verifies it when visited (`VerifyEmailIdentity`).
    func verifyEmailIdentity(_ address: EmailAddress) async throws(SESError)

    /// What SES says about addresses, at most 100 of them (`GetIdentityVerificationAttributes`); those that it does not know are left out.
    func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status]

    /// Makes SES forget an address (`DeleteIdentity`); one that it does not know is no error.
    func deleteIdentity(_ address: EmailAddress) async throws(SESError)
}
