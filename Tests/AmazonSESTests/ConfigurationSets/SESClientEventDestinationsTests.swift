import MailModel
import Testing

@testable import AmazonSES

@Suite(.timeLimit(.minutes(1))) struct SESClientEventDestinationsTests {
    @Test func `returns the event destinations`() async throws {
        let destinations = try await withSES { request in
            let form = parameters(request.body)
            guard form["ConfigurationSetName"] == "mail", form["ConfigurationSetAttributeNames.member.1"] == "eventDestinations" else {
                return .answer(400)
            }
            return xml(
                "DescribeConfigurationSet",
                """
                <ConfigurationSet><Name>mail</Name></ConfigurationSet><EventDestinations>
                <member><Name>martlet</Name><Enabled>true</Enabled><MatchingEventTypes><member>send</member><member>bounce</member></MatchingEventTypes>
                <SNSDestination><TopicARN>arn:aws:sns:eu-west-1:123456789012:ses-events</TopicARN></SNSDestination></member>
                <member><Name>figures</Name><Enabled>false</Enabled><MatchingEventTypes><member>open</member></MatchingEventTypes>
                <CloudWatchDestination><DimensionConfigurations/></CloudWatchDestination></member></EventDestinations>
                """)
        } _: {
            try await $0.eventDestinations(of: "mail")
        }
        #expect(
            destinations == [
                EventDestination(
                    name: "martlet", isEnabled: true, eventTypes: ["send", "bounce"],
                    topicARN: "arn:aws:sns:eu-west-1:123456789012:ses-events"),
                EventDestination(name: "figures", isEnabled: false, eventTypes: ["open"], topicARN: nil),
            ])
    }

    @Test(arguments: [
        ("<TrackingOptions><CustomRedirectDomain>links.operator.example</CustomRedirectDomain></TrackingOptions>", true),
        ("<TrackingOptions/>", false), ("", false),
    ])
    func `returns the redirect domain`(content: String, isSet: Bool) async throws {
        let redirect = try await withSES { request in
            guard parameters(request.body)["ConfigurationSetAttributeNames.member.1"] == "trackingOptions" else { return .answer(400) }
            return xml("DescribeConfigurationSet", "<ConfigurationSet><Name>mail</Name></ConfigurationSet>\(content)")
        } _: {
            try await $0.redirectDomain(of: "mail")
        }
        #expect(redirect?.name.description == (isSet ? "links.operator.example" : nil))
        #expect(redirect.map { $0.target.hasPrefix("r.") && $0.target.hasSuffix(".awstrack.me") } == (isSet ? true : nil))
    }

    @Test(arguments: ["<ConfigurationSet><Name>mail</Name></ConfigurationSet>", "<EventDestinations/>"])
    func `a configuration set without destinations`(_ content: String) async throws {
        let destinations = try await withSES { _ in
            xml("DescribeConfigurationSet", content)
        } _: {
            try await $0.eventDestinations(of: "mail")
        }
        #expect(destinations == [])
    }
}
