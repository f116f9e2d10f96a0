package import MailModel

/// The host that the links of opens and clicks lead through, in place of SES's own (Amazon SES Developer Guide, "Configuring custom domains to
/// handle open and click tracking").
package struct RedirectDomain: Sendable, Equatable {
    /// The host.
    package var name: DomainName
    /// Where its CNAME record has to lead: `r.<region>.awstrack.me`.
    package var target: String

    /// A redirect domain.
    package init(_ name: DomainName, target: String) {
        self.name = name
        self.target = target
    }
}

extension SESClient {
    /// Returns the redirect domain of a configuration set (`DescribeConfigurationSet` with `trackingOptions`); `nil` where SES uses its own.
    ///
    /// - Throws: ``SESError``, with the code `ConfigurationSetDoesNotExist` where there is no such set.
    package func redirectDomain(of configurationSet: String) async throws(SESError) -> RedirectDomain? {
        var form = FormBody(action: "DescribeConfigurationSet")
        form.add("ConfigurationSetName", configurationSet)
        form.add("ConfigurationSetAttributeNames.member.1", "trackingOptions")
        guard let result = try await call(form)["DescribeConfigurationSetResult"] else { throw .unreadable }
        guard let name = result["TrackingOptions"]?["CustomRedirectDomain"]?.text, let domain = try? DomainName(name) else { return nil }
        return RedirectDomain(domain, target: "r.\(configuration.region).awstrack.me")
    }
}
