import MailModel
import Testing

@testable import AmazonSES

struct SQSQueueURLTests {
    @Test(
        arguments: [
            ("https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events", "ses-events", "eu-west-1"),
            ("https://sqs-fips.us-gov-west-1.amazonaws.com/123456789012/q_1", "q_1", "us-gov-west-1"),
            ("https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q", "q", "cn-north-1"),
            ("https://eu-west-1.queue.amazonaws.com/123456789012/q", "q", "eu-west-1"),
            ("https://queue.amazonaws.com/123456789012/q", "q", "us-east-1"),
            ("https://vpce-0a1b.sqs.eu-west-1.vpce.amazonaws.com/123456789012/q", "q", "eu-west-1"),
            ("https://sqs.eu-west-1.api.aws/123456789012/q.fifo", "q.fifo", "eu-west-1"),
            ("http://127.0.0.1:5000/123456789012/q", "q", nil),
            ("https://queues.example/q", "q", nil),
        ] as [(String, String, String?)])
    func `reads the name of the queue and the region of the host`(text: String, name: String, region: String?) throws {
        let url = try #require(SQSQueueURL(text))
        #expect(url.name == name && url.region == region && url.description == text)
    }

    @Test(arguments: [
        "", "ses-events", "arn:aws:sqs:eu-west-1:123456789012:ses-events", "ftp://sqs.eu-west-1.amazonaws.com/1/q",
        "http://sqs.eu-west-1.amazonaws.com/123456789012/q", "https://sqs.eu-west-1.amazonaws.com/", "https://sqs.amazonaws.com/1/q",
        "https://sqs.eu-west-1.amazonaws.com/1/a%20b", "https://sqs.eu-west-1.amazonaws.com/1/q?x=1", "https://user@sqs.example/1/q",
        "https://sqs.eu-west-1.amazonaws.com/1/.fifo", "https://s3.eu-west-1.amazonaws.com/1/q",
        "https://queues.example/" + String(repeating: "q", count: 81),
    ])
    func `refuses what is no URL of a queue`(text: String) {
        #expect(SQSQueueURL(text) == nil)
    }

    @Test func `requests go to the queue's host unless AWS's variables name another server`() throws {
        let queue = try #require(SQSQueueURL("https://sqs.eu-west-1.amazonaws.com/123456789012/q"))
        #expect(try SQSConfiguration(queue, environment: [:]).endpoint.description == "https://sqs.eu-west-1.amazonaws.com/")
        let general = ["AWS_ENDPOINT_URL": "http://127.0.0.1:5000"]
        #expect(try SQSConfiguration(queue, environment: general).endpoint.description == "http://127.0.0.1:5000/")
        let own = general.merging(["AWS_ENDPOINT_URL_SQS": "http://127.0.0.1:6000"]) { $1 }
        #expect(try SQSConfiguration(queue, environment: own).endpoint.description == "http://127.0.0.1:6000/")
        #expect(throws: AWSConfiguration.Invalid(variable: "AWS_ENDPOINT_URL", expected: "a URL such as http://127.0.0.1:5000")) {
            try SQSConfiguration(queue, environment: ["AWS_ENDPOINT_URL": "nowhere"])
        }
    }

    @Test func `a host without a region takes that of AWS's variables`() throws {
        let queue = try #require(SQSQueueURL("http://127.0.0.1:5000/123456789012/q"))
        #expect(try SQSConfiguration(queue, environment: ["AWS_REGION": "sa-east-1"]).region == "sa-east-1")
        let needed = AWSConfiguration.Invalid(variable: "AWS_REGION", expected: "the region of the queue q, such as us-east-1")
        #expect(throws: needed) { try SQSConfiguration(queue, environment: [:]) }
    }
}
