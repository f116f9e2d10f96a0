/// A destination to which SES publishes the events of the emails that are sent with a configuration set.
package struct EventDestination: Sendable, Equatable {
    /// The name of the destination.
    package var name: String
    /// Whether SES publishes to it.
    package var isEnabled: Bool
    /// SES's names of the events: `send`, `bounce`, `renderingFailure` and so on.
    package var eventTypes: Set<String>
    /// The SNS topic; `nil` where the destination is no SNS topic.
    package var topicARN: String?
}

extension SESClient {
    /// Returns the destinations of a configuration set (`DescribeConfigurationSet`, in the Amazon SES API reference of 2010-12-01).
    ///
    /// - Throws: ``SESError``, with the code `ConfigurationSetDoesNotExist` where there is no such set.
    package func eventDestinations(of configurationSet: String) async throws(SESError) -> [EventDestination] {
        var form = FormBody(action: "DescribeConfigurationSet")
        form.add("ConfigurationSetName", configurationSet)
        form.add("ConfigurationSetAttributeNames.member.1", "eventDestinations")
        guard let result = try await call(form)["DescribeConfigurationSetResult"] else { throw .unreadable }
        return (result["EventDestinations"]?.children ?? []).map(EventDestination.init)
    }
}

extension EventDestination {
    fileprivate init(_ element: XMLElement) {
        name = element["Name"]?.text ?? ""
        isEnabled = element["Enabled"]?.text == "true"
        eventTypes = Set(element["MatchingEventTypes"]?.children.map(\.text) ?? [])
        topicARN = element["SNSDestination"]?["TopicARN"]?.text
    }
}
