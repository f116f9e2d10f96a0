import Encoding
import MailModel
import Testing

@testable import AmazonSES

private typealias Fields = [String: String]
private let topics = TopicPolicy.listed([SigningTopic.arn])

/// Parses and verifies a message like the webhook.
private func judge(
    _ fields: Fields, topics: TopicPolicy = topics, certificates: any CertificateSource, at now: Timestamp = SigningTopic.now
) async throws -> SNSRejection? {
    do {
        try await SNSVerifier(certificates: certificates).verify(try SNSMessage(parsing: body(fields)), topics: topics, at: now)
        return nil
    } catch let rejection as SNSRejection {
        return rejection
    }
}

@Suite(.timeLimit(.minutes(1))) struct SNSVerifierTests {
    private let topic: SigningTopic
    private let certificates: FixedCertificates

    init() throws {
        topic = try SigningTopic.shared.get()
        certificates = FixedCertificates(.success(try topic.certificate()))
    }

    @Test(arguments: ["1", "2"], [[:], ["Subject": "Amazon SES Email Event Notification"], ["Type": "SubscriptionConfirmation"]])
    func `accepts messages signed by SNS`(_ version: String, _ changes: [String: String]) async throws {
        let fields = SigningTopic.confirmation.merging(["Type": "Notification", "SignatureVersion": version]) { $1 }.merging(changes) { $1 }
        #expect(try await judge(try topic.signed(fields), certificates: certificates) == nil)
        #expect(certificates.asked.value == [SigningTopic.certificateURL])
    }

    @Test func `accepts a topic in China`() async throws {
        let arn = "arn:aws-cn:sns:cn-north-1:123456789012:feedback"
        let url = "https://sns.cn-north-1.amazonaws.com.cn/SimpleNotificationService-ab12.pem"
        let fields = SigningTopic.notification.merging(["TopicArn": arn, "SigningCertURL": url]) { $1 }
        #expect(try await judge(try topic.signed(fields), topics: .pinned(arn), certificates: certificates) == nil)
    }

    /// A forged message: what is changed before it is signed, and what afterwards.
    struct Forgery: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var fields = SigningTopic.notification
        var before: [String: String] = [:]
        var after: [String: String?] = [:]
        let reason: String
        /// Whether it is refused without fetching a certificate.
        var isRefusedEarly = false
    }

    private static func certificate(_ url: String, _ what: String) -> Forgery {
        Forgery(
            testDescription: "certificate \(what)", before: ["SigningCertURL": url], reason: "SigningCertURL not of SNS",
            isRefusedEarly: true)
    }

    private static let pem = "/SimpleNotificationService-0123456789abcdef.pem"

    private static let forgeries: [Forgery] = [
        // The topic.
        .init(
            testDescription: "topic of another account", before: ["TopicArn": "arn:aws:sns:us-east-1:999999999999:feedback"],
            reason: "topic not allowed", isRefusedEarly: true),
        .init(
            testDescription: "another topic of the account", before: ["TopicArn": SigningTopic.arn + "2"], reason: "topic not allowed",
            isRefusedEarly: true),
        // The certificate's URL.
        certificate("https://sns.eu-west-1.amazonaws.com" + pem, "of another region"),
        certificate("https://sns.us-east-1.amazonaws.com.evil.test" + pem, "of a longer host"),
        certificate("https://evil-sns.us-east-1.amazonaws.com" + pem, "of a host with a prefix"),
        certificate("https://evil.sns.us-east-1.amazonaws.com" + pem, "of a host below"),
        certificate("https://sns.us-east-1.amazonaws.com.cn.evil.test" + pem, "of a longer Chinese host"),
        certificate("https://sns-us-east-1.amazonaws.com" + pem, "of a similar host"),
        certificate("https://s3.amazonaws.com/evil" + pem, "in a bucket"),
        certificate("https://s3.us-east-1.amazonaws.com" + pem, "in a bucket of the region"),
        certificate("https://sns.us-east-1.amazonaws.com." + pem, "of a host with a dot at the end"),
        certificate("https://sns.us-east-1.amazonaws.com@evil.test" + pem, "with a user part"),
        certificate("https://user:password@sns.us-east-1.amazonaws.com" + pem, "with a password"),
        certificate("https://sns.us-east-1.amazonaws.com:8443" + pem, "at a port"),
        certificate("https://sns.us-east-1.amazonaws.com:443" + pem, "at the usual port"),
        certificate("http://sns.us-east-1.amazonaws.com" + pem, "by http"),
        certificate("ftp://sns.us-east-1.amazonaws.com" + pem, "by ftp"),
        certificate("https://sns.us-east-1.amazonaws.com/evil.pem", "with another name"),
        certificate("https://sns.us-east-1.amazonaws.com/x" + pem, "in a folder"),
        certificate("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-../../evil.pem", "reached by dots"),
        certificate("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-ab%2Fevil.pem", "with an encoded slash"),
        certificate("https://sns.us-east-1.amazonaws.com/SimpleNotificationService-.pem", "without a name"),
        certificate("https://sns.us-east-1.amazonaws.com" + pem + "?x=1", "with a query"),
        certificate("https://sns.us-east-1.amazonaws.com/?Action=x&y=" + pem, "in a query"),
        certificate("https://sns.us-east-1.amazonaws.com" + pem + "#x", "with a fragment"),
        certificate("https://sns.us-east-1.amazonaws.com\\@evil.test" + pem, "with a backslash"),
        certificate("//sns.us-east-1.amazonaws.com" + pem, "without a scheme"),
        certificate("", "nowhere"),
        // What the signature covers.
        .init(testDescription: "message changed", after: ["Message": "{}"], reason: "signature wrong"),
        .init(testDescription: "message id changed", after: ["MessageId": "another"], reason: "signature wrong"),
        .init(testDescription: "time changed", after: ["Timestamp": "2026-06-15T11:59:31.123Z"], reason: "signature wrong"),
        .init(testDescription: "subject added", after: ["Subject": "x"], reason: "signature wrong"),
        .init(testDescription: "subject removed", before: ["Subject": "x"], after: ["Subject": String?.none], reason: "signature wrong"),
        .init(
            testDescription: "type changed", after: ["Type": "SubscriptionConfirmation", "Token": "t", "SubscribeURL": "u"],
            reason: "signature wrong"),
        .init(
            testDescription: "token changed", fields: SigningTopic.confirmation, after: ["Token": "another"], reason: "signature wrong"),
        .init(
            testDescription: "SubscribeURL changed", fields: SigningTopic.confirmation, after: ["SubscribeURL": "https://evil.test/"],
            reason: "signature wrong"),
        .init(
            testDescription: "fields moved into one another", before: ["Message": "a"], after: ["Message": "a\nMessageId\nb"],
            reason: "signature wrong"),
        // The signature.
        .init(testDescription: "version 2 said to be 1", after: ["SignatureVersion": "1"], reason: "signature wrong"),
        .init(
            testDescription: "version 1 said to be 2", before: ["SignatureVersion": "1"], after: ["SignatureVersion": "2"],
            reason: "signature wrong"),
        .init(testDescription: "version 3", after: ["SignatureVersion": "3"], reason: "SignatureVersion unknown", isRefusedEarly: true),
        .init(testDescription: "version 02", after: ["SignatureVersion": "02"], reason: "SignatureVersion unknown", isRefusedEarly: true),
        .init(testDescription: "empty version", after: ["SignatureVersion": ""], reason: "SignatureVersion unknown", isRefusedEarly: true),
        .init(testDescription: "no base64", after: ["Signature": "!!!!"], reason: "signature no base64", isRefusedEarly: true),
        .init(
            testDescription: "endless base64", after: ["Signature": String(repeating: "A", count: 1028)], reason: "signature no base64",
            isRefusedEarly: true),
        .init(testDescription: "empty signature", after: ["Signature": ""], reason: "signature wrong"),
        .init(testDescription: "short signature", after: ["Signature": "AAAA"], reason: "signature wrong"),
        .init(
            testDescription: "another signature", after: ["Signature": Base64.encode(Array(repeating: 7, count: 256))],
            reason: "signature wrong"),
        // The time.
        .init(testDescription: "just over an hour old", before: ["Timestamp": "2026-06-15T10:59:59.999Z"], reason: "timestamp too old"),
        .init(testDescription: "a year old", before: ["Timestamp": "2025-06-15T12:00:00.000Z"], reason: "timestamp too old"),
        .init(testDescription: "from tomorrow", before: ["Timestamp": "2026-06-16T12:00:00.000Z"], reason: "timestamp in the future"),
    ]

    @Test(arguments: forgeries) func `refuses`(_ forgery: Forgery) async throws {
        var fields = try topic.signed(forgery.fields.merging(forgery.before) { $1 })
        for (name, value) in forgery.after { fields[name] = value }
        let rejection = try await judge(fields, certificates: certificates)
        #expect(rejection == .forged(forgery.reason))
        #expect(rejection?.httpStatus == 403)
        #expect(certificates.asked.value.isEmpty == forgery.isRefusedEarly)
    }

    @Test(arguments: ["Signature", "SignatureVersion", "SigningCertURL"])
    func `a missing field is malformed`(_ name: String) async throws {
        let fields = try topic.signed(SigningTopic.notification).filter { $0.key != name }
        #expect(try await judge(fields, certificates: certificates) == .malformed("\(name) is missing"))
    }

    @Test(arguments: [(-7200.0...(-3600.0)), (3600.0...7200.0)])
    func `refuses a certificate out of its dates`(_ validity: ClosedRange<Double>) async throws {
        let certificates = FixedCertificates(.success(try topic.certificate(validity: validity)))
        let fields = try topic.signed(SigningTopic.notification)
        #expect(try await judge(fields, certificates: certificates) == .forged("certificate not within its dates"))
    }

    @Test func `refuses another key's signature`() async throws {
        let fields = try SigningTopic().signed(SigningTopic.notification)
        #expect(try await judge(fields, certificates: certificates) == .forged("signature wrong"))
    }

    @Test(arguments: ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"])
    func `refuses a document without a certificate`(_ text: String) async throws {
        let fields = try topic.signed(SigningTopic.notification)
        #expect(
            try await judge(fields, certificates: FixedCertificates(.success(Array(text.utf8)))) == .forged("no certificate at the URL"))
    }

    @Test(arguments: [
        (CertificateFailure.refused, SNSRejection.forged("no certificate at the URL"), 403),
        (.unavailable, .unavailable("certificate host does not answer"), 503),
    ])
    func `distinguishes an unavailable host from a forged message`(_ failure: CertificateFailure, _ rejection: SNSRejection, _ status: Int)
        async throws
    {
        let fields = try topic.signed(SigningTopic.notification)
        #expect(try await judge(fields, certificates: FixedCertificates(.failure(failure))) == rejection)
        #expect(rejection.httpStatus == status)
    }

    @Test(arguments: [
        (SigningTopic.confirmation, TopicPolicy.unpinned, true), (SigningTopic.notification, .unpinned, false),
        (SigningTopic.confirmation.merging(["Type": "UnsubscribeConfirmation"]) { $1 }, .unpinned, false),
        (SigningTopic.notification, .pinned(SigningTopic.arn), true),
        (SigningTopic.confirmation, .pinned("arn:aws:sns:us-east-1:1:x"), false),
        (SigningTopic.notification, .listed([]), false),
    ])
    func `accepts the topics of the policy`(_ fields: [String: String], _ policy: TopicPolicy, _ isBelieved: Bool) async throws {
        let rejection = try await judge(try topic.signed(fields), topics: policy, certificates: certificates)
        #expect(rejection == (isBelieved ? nil : .forged("topic not allowed")))
    }

    @Test func `concurrent callers share one fetch of a certificate`() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let certificates = FixedCertificates(.success(try topic.certificate())) { for await _ in gate { break } }
        let verifier = SNSVerifier(certificates: certificates)
        let message = try SNSMessage(parsing: body(try topic.signed(SigningTopic.notification)))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<50 {
                group.addTask { try await verifier.verify(message, topics: topics, at: SigningTopic.now) }
            }
            opener.yield()
            try await group.waitForAll()
        }
        #expect(certificates.asked.value.count == 1)
    }

    @Test func `forged messages open few connections at the same time`() async throws {
        let (gate, opener) = AsyncStream<Void>.makeStream()
        let busy = Shared(0)
        let certificates = FixedCertificates(.failure(.refused)) {
            busy.update { $0 += 1 }
            for await _ in gate { break }
        }
        let verifier = SNSVerifier(certificates: certificates)
        let rejections = try await withThrowingTaskGroup(of: SNSRejection?.self) { group in
            for number in 0..<40 {
                let url = "https://sns.us-east-1.amazonaws.com/SimpleNotificationService-\(number).pem"
                let message = try SNSMessage(
                    parsing: body(try topic.signed(SigningTopic.notification.merging(["SigningCertURL": url]) { $1 })))
                group.addTask {
                    do { try await verifier.verify(message, topics: topics, at: SigningTopic.now) } catch { return error as? SNSRejection }
                    return nil
                }
            }
            // Those over the limit are refused while the others still wait.
            var early: [SNSRejection?] = []
            while early.count < 32, let rejection = try await group.next() { early.append(rejection) }
            opener.finish()
            try await group.waitForAll()
            return early
        }
        #expect(rejections == Array(repeating: .unavailable("certificate host does not answer"), count: 32))
        #expect(busy.value == 8)
    }
}
