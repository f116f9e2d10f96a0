import MailModel
import Testing

@testable import AmazonSES

private let query = "?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:feedback&Token=t0ken"

@Suite(.timeLimit(.minutes(1))) struct SubscriptionConfirmerTests {
    private func message(subscribeURL: String) throws -> SNSMessage {
        try SNSMessage(parsing: body(SigningTopic.confirmation.merging(["SubscribeURL": subscribeURL]) { $1 }))
    }

    @Test(arguments: [
        "https://sns.us-east-1.amazonaws.com.evil.test/" + query, "https://sns.eu-west-1.amazonaws.com/" + query,
        "https://s3.us-east-1.amazonaws.com/" + query, "http://sns.us-east-1.amazonaws.com/" + query,
        "https://sns.us-east-1.amazonaws.com:444/" + query, "https://u@sns.us-east-1.amazonaws.com/" + query,
        "http://169.254.169.254/" + query,
        "http://127.0.0.1:1/" + query, "https://sns.us-east-1.amazonaws.com/x" + query, "https://sns.us-east-1.amazonaws.com/",
        "https://sns.us-east-1.amazonaws.com/?Action=DeleteTopic&TopicArn=arn:aws:sns:us-east-1:123456789012:feedback",
        "https://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&TopicArn=arn:aws:sns:us-east-1:123456789012:other&Token=t",
        "https://sns.us-east-1.amazonaws.com/" + query + "&Action=DeleteTopic", "no url",
    ])
    func `fetches only URLs of SNS`(_ url: String) async throws {
        try await withHTTPClient { http in
            let confirmer = SubscriptionConfirmer(http: http, verifiesSignatures: true, endpoint: "http://127.0.0.1:1")
            await #expect(throws: SubscriptionConfirmer.Failure.refused) { try await confirmer.confirm(try message(subscribeURL: url)) }
        }
    }

    @Test(arguments: [
        (Reply.answer(200), nil), (.answer(201), nil), (.answer(400), SubscriptionConfirmer.Failure.failed), (.answer(500), .failed),
        (.redirect("/"), .failed), (.close, .failed), (.hang, .failed),
    ])
    func `in local development fetches URLs of this machine`(_ reply: Reply, _ failure: SubscriptionConfirmer.Failure?) async throws {
        let visits = Shared<[String]>([])
        let outcome = try await withServer { request in
            visits.update { $0.append(request.target) }
            return reply
        } _: { url -> SubscriptionConfirmer.Failure? in
            try await withHTTPClient { http in
                let confirmer = SubscriptionConfirmer(http: http, verifiesSignatures: false, timeout: reply.patience)
                do { try await confirmer.confirm(try message(subscribeURL: url + "/" + query)) } catch {
                    return try #require(error as? SubscriptionConfirmer.Failure)
                }
                return nil
            }
        }
        #expect(outcome == failure)
        #expect(visits.value == ["/" + query])
    }

    @Test(arguments: [
        ("http://moto.invalid:5000/", SubscriptionConfirmer.Failure.failed), ("http://moto.invalid:5001/", .refused),
        ("https://moto.invalid:5000/", .refused), ("http://example.com/", .refused), ("http://169.254.169.254/", .refused),
    ])
    func `in local development fetches URLs of AWS_ENDPOINT_URL and of no other host`(
        _ url: String, _ failure: SubscriptionConfirmer.Failure
    )
        async throws
    {
        try await withHTTPClient(connectTimeout: .milliseconds(500)) { http in
            let confirmer = SubscriptionConfirmer(http: http, verifiesSignatures: false, endpoint: "http://moto.invalid:5000")
            await #expect(throws: failure) { try await confirmer.confirm(try message(subscribeURL: url + query)) }
        }
    }

    @Test func `values of query parameters`() {
        let url = WebURL("https://h/?Action=A&T=arn%3Ax&Action=B&E&%41=z")
        #expect(url?.values(of: "Action") == ["A", "B"])
        #expect(url?.values(of: "T") == ["arn:x"])
        #expect(url?.values(of: "E") == [""])
        #expect(url?.values(of: "A") == ["z"])
        #expect(url?.values(of: "none") == [])
    }
}
