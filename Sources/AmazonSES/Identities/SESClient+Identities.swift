import Logging
public import MailModel

extension SESClient: SESIdentities {
    public func verifyDomainIdentity(_ domain: DomainName) async throws(SESError) -> String {
        var form = FormBody(action: "VerifyDomainIdentity")
        form.add("Domain", domain.description)
        let answer = try await callPatiently(form)
        guard let token = answer["VerifyDomainIdentityResult"]?["VerificationToken"]?.text, !token.isEmpty else { throw .unreadable }
        return token
    }

    public func verifyDomainDKIM(_ domain: DomainName) async throws(SESError) -> [String] {
        var form = FormBody(action: "VerifyDomainDkim")
        form.add("Domain", domain.description)
        let answer = try await callPatiently(form)
        let tokens = answer["VerifyDomainDkimResult"]?["DkimTokens"]?.children.map(\.text) ?? []
        guard !tokens.isEmpty else { throw .unreadable }
        return tokens
    }

    public func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await status(of: domain, "GetIdentityVerificationAttributes", "VerificationAttributes", "VerificationStatus")
    }

    public func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await status(of: domain, "GetIdentityDkimAttributes", "DkimAttributes", "DkimVerificationStatus")
    }

    /// Both answers are maps: `<entry><key>domain</key><value><…Status>Success</…Status>…</value></entry>`.
    private func status(
        of domain: DomainName, _ action: String, _ map: String, _ element: String
    ) async throws(SESError) -> SESVerification.Status {
        var form = FormBody(action: action)
        form.add("Identities.member.1", domain.description)
        guard let entries = try await callPatiently(form)[action + "Result"]?[map]?.children else { throw .unreadable }
        guard let entry = entries.first(where: { $0["key"]?.text == domain.description }) else { return .notStarted }
        guard let status = entry["value"]?[element].flatMap({ SESVerification.Status(rawValue: $0.text) }) else { throw .unreadable }
        return status
    }

    /// Makes a call, and again while SES throttles it: after about 1, 2 and 4 seconds.
    private func callPatiently(_ form: FormBody) async throws(SESError) -> XMLElement {
        for seconds in [1.0, 2, 4] {
            do {
                return try await call(form)
            } catch  where error.isThrottling && !Task.isCancelled {
                logger.debug("SES throttles, waiting", metadata: ["ses.code": "\(error.code)", "wait.seconds": "\(seconds)"])
                await pause(.seconds(seconds * .random(in: 0.8...1.2)))
            }
        }
        return try await call(form)
    }
}
