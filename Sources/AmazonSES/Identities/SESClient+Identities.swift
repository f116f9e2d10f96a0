package import MailModel

extension SESClient: SESIdentities {
    /// Calls `VerifyDomainIdentity`.
    package func verifyDomainIdentity(_ domain: DomainName) async throws(SESError) -> String {
        var form = FormBody(action: "VerifyDomainIdentity")
        form.add("Domain", domain.description)
        let answer = try await callPatiently(form)
        guard let token = answer["VerifyDomainIdentityResult"]?["VerificationToken"]?.text, !token.isEmpty else { throw .unreadable }
        return token
    }

    /// Calls `VerifyDomainDkim`.
    package func verifyDomainDKIM(_ domain: DomainName) async throws(SESError) -> [String] {
        var form = FormBody(action: "VerifyDomainDkim")
        form.add("Domain", domain.description)
        let answer = try await callPatiently(form)
        let tokens = answer["VerifyDomainDkimResult"]?["DkimTokens"]?.children.map(\.text) ?? []
        guard !tokens.isEmpty else { throw .unreadable }
        return tokens
    }

    /// Calls `GetIdentityVerificationAttributes` for a domain.
    package func identityStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await status(of: domain, "GetIdentityVerificationAttributes", "VerificationAttributes", "VerificationStatus")
    }

    /// Calls `GetIdentityDkimAttributes`.
    package func dkimStatus(of domain: DomainName) async throws(SESError) -> SESVerification.Status {
        try await status(of: domain, "GetIdentityDkimAttributes", "DkimAttributes", "DkimVerificationStatus")
    }

    /// Calls `GetIdentityVerificationAttributes`, `GetIdentityDkimAttributes` and `GetIdentityMailFromDomainAttributes`.
    package func identity(of domain: DomainName) async throws(SESError) -> DomainIdentity {
        let verification = try await attributes(of: domain, "GetIdentityVerificationAttributes", "VerificationAttributes")
        let dkim = try await attributes(of: domain, "GetIdentityDkimAttributes", "DkimAttributes")
        let mailFrom = try await attributes(of: domain, "GetIdentityMailFromDomainAttributes", "MailFromDomainAttributes")
        return DomainIdentity(
            verificationToken: verification?["VerificationToken"]?.text, dkimTokens: dkim?["DkimTokens"]?.children.map(\.text) ?? [],
            mailFrom: mailFrom?["MailFromDomain"].flatMap { try? DomainName($0.text) })
    }

    /// Calls `SetIdentityMailFromDomain`.
    package func setMailFrom(_ mailFrom: DomainName?, of domain: DomainName) async throws(SESError) {
        var form = FormBody(action: "SetIdentityMailFromDomain")
        form.add("Identity", domain.description)
        if let mailFrom { form.add("MailFromDomain", mailFrom.description) }
        form.add("BehaviorOnMXFailure", "UseDefaultValue")
        _ = try await callPatiently(form)
    }

    /// SES's server for the bounces of a MAIL FROM domain, in the client's region.
    package var feedbackServer: String { "feedback-smtp.\(configuration.region).amazonses.com" }

    /// Calls `VerifyEmailIdentity`.
    package func verifyEmailIdentity(_ address: EmailAddress) async throws(SESError) {
        var form = FormBody(action: "VerifyEmailIdentity")
        form.add("EmailAddress", address.description)
        _ = try await callPatiently(form)
    }

    /// Calls `GetIdentityVerificationAttributes` for addresses.
    package func identityStatuses(of addresses: [EmailAddress]) async throws(SESError) -> [EmailAddress: SESVerification.Status] {
        let entries = try await entries(
            of: addresses.map(\.description), "GetIdentityVerificationAttributes", "VerificationAttributes", "VerificationStatus")
        let known = Dictionary(addresses.map { ($0.description, $0) }) { first, _ in first }
        return Dictionary(entries.compactMap { entry in known[entry.key].map { ($0, entry.status) } }) { first, _ in first }
    }

    /// Calls `DeleteIdentity` for a domain.
    package func deleteIdentity(_ domain: DomainName) async throws(SESError) {
        try await deleteIdentity(named: domain.description)
    }

    /// Calls `DeleteIdentity` for an address.
    package func deleteIdentity(_ address: EmailAddress) async throws(SESError) {
        try await deleteIdentity(named: address.description)
    }

    private func deleteIdentity(named name: String) async throws(SESError) {
        var form = FormBody(action: "DeleteIdentity")
        form.add("Identity", name)
        _ = try await callPatiently(form)
    }

    private func status(
        of domain: DomainName, _ action: String, _ map: String, _ element: String
    ) async throws(SESError) -> SESVerification.Status {
        try await entries(of: [domain.description], action, map, element).first?.status ?? .notStarted
    }

    /// The attributes of a domain; `nil` for an unknown one.
    private func attributes(of domain: DomainName, _ action: String, _ map: String) async throws(SESError) -> XMLElement? {
        var form = FormBody(action: action)
        form.add("Identities.member.1", domain.description)
        guard let entries = try await callPatiently(form)[action + "Result"]?[map]?.children else { throw .unreadable }
        return entries.first { $0["key"]?.text == domain.description }?["value"]
    }

    /// The statuses of identities, without unknown ones.
    ///
    /// The answers are maps: `<entry><key>domain</key><value><…Status>Success</…Status>…</value></entry>`.
    private func entries(
        of identities: [String], _ action: String, _ map: String, _ element: String
    ) async throws(SESError) -> [(key: String, status: SESVerification.Status)] {
        var form = FormBody(action: action)
        for (index, identity) in identities.enumerated() { form.add("Identities.member.\(index + 1)", identity) }
        guard let entries = try await callPatiently(form)[action + "Result"]?[map]?.children else { throw .unreadable }
        var statuses: [(key: String, status: SESVerification.Status)] = []
        for entry in entries {
            guard let key = entry["key"]?.text, identities.contains(key) else { continue }
            guard let status = entry["value"]?[element].flatMap({ SESVerification.Status(rawValue: $0.text) }) else { throw .unreadable }
            statuses.append((key, status))
        }
        return statuses
    }

    /// Makes a call when it is its turn, and repeats it while SES throttles.
    private func callPatiently(_ form: FormBody) async throws(SESError) -> XMLElement {
        try await patiently { () async throws(SESError) in try await self.call(form) }
    }
}
