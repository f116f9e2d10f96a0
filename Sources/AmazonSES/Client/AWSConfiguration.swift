import MailModel

/// The region and the endpoint of SES, by AWS's own environment variables and shared files (specification 14.1).
///
/// - `AWS_REGION`, then `AWS_DEFAULT_REGION`, then `region` of the profile `AWS_PROFILE` in the shared files: required.
/// - `AWS_ENDPOINT_URL_SES`, then `AWS_ENDPOINT_URL`: another server in place of `https://email.<region>.amazonaws.com`, for tests.
package struct AWSConfiguration: Sendable {
    /// The region of SES, such as `us-east-1`.
    package let region: String
    /// The URL that requests to SES go to.
    package var sesEndpoint: String { endpoint.description }
    /// `AWS_ENDPOINT_URL` as given; `nil` where it is not set.
    ///
    /// A local stand-in serves SNS too.
    package let endpointOverride: String?
    let endpoint: WebURL

    /// A variable with an invalid value.
    package struct Invalid: Error, Equatable, CustomStringConvertible {
        /// The name of the variable.
        package let variable: String
        /// What was expected, for the end of a sentence.
        package let expected: String
        /// A sentence for the operator.
        package var description: String { "\(variable): expected \(expected)" }
    }

    /// Reads the configuration.
    ///
    /// - Parameter environment: the variables of the process.
    package init(environment: [String: String]) throws(Invalid) {
        try self.init(environment: environment, profile: SharedProfile(environment: environment))
    }

    init(environment: [String: String], profile: SharedProfile) throws(Invalid) {
        let region = try Self.region(environment: environment, profile: profile, of: "your SES account")
        self.region = region
        endpointOverride = environment.filled("AWS_ENDPOINT_URL")
        let variable = ["AWS_ENDPOINT_URL_SES", "AWS_ENDPOINT_URL"].first { environment.filled($0) != nil }
        let suffix = region.hasPrefix("cn-") ? "amazonaws.com.cn" : "amazonaws.com"
        let text = variable.flatMap(environment.filled) ?? "https://email.\(region).\(suffix)/"
        guard let endpoint = WebURL(text), endpoint.query == nil else {
            throw Invalid(variable: variable ?? "AWS_REGION", expected: "a URL such as http://127.0.0.1:5000")
        }
        self.endpoint = endpoint
    }

    /// Returns the region that AWS's variables and files name.
    ///
    /// - Parameter thing: what is in that region, for a message.
    static func region(environment: [String: String], profile: SharedProfile? = nil, of thing: String) throws(Invalid) -> String {
        let profile = profile ?? SharedProfile(environment: environment)
        let region = environment.filled("AWS_REGION") ?? environment.filled("AWS_DEFAULT_REGION") ?? profile.settings["region"] ?? ""
        guard isRegion(region) else { throw Invalid(variable: "AWS_REGION", expected: "the region of \(thing), such as us-east-1") }
        return region
    }

    /// `us-east-1`, `us-gov-west-1`, `ap-southeast-3`.
    static func isRegion(_ text: some StringProtocol) -> Bool {
        let allowed = "abcdefghijklmnopqrstuvwxyz0123456789-".utf8
        return (3...32).contains(text.utf8.count) && text.utf8.allSatisfy { allowed.contains($0) }
    }
}
