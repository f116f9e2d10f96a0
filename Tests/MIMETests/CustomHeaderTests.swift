import MIME
import Testing

struct CustomHeaderTests {
    @Test(arguments: [
        "X-Campaign", "X-Feedback", "X-Message-Ref", "Comments", "X-Mailer", "Organization", "User-Agent", "x",
    ])
    func `Allowed custom headers`(name: String) {
        #expect(throws: Never.self) { try CustomHeader.check(name: name, value: "value é") }
    }

    @Test(arguments: [
        "From", "TO", "cc", "Bcc", "Sender", "Reply-To", "Return-Path", "Received", "DKIM-Signature", "Content-Type",
        "Content-Transfer-Encoding", "MIME-Version", "Message-ID", "Date", "Subject",
        "List-Unsubscribe", "List-Unsubscribe-Post", "X-Martlet-Id", "Resent-To", "ARC-Seal",
        "Authentication-Results",
    ])
    func `Reserved headers are refused`(name: String) {
        let error = #expect(throws: CustomHeader.Invalid.self) { try CustomHeader.check(name: name, value: "x") }
        #expect(error?.description == "The header \(name) cannot be set: it is set by the service itself.")
    }

    @Test func `A campaign can be named to Gmail`() {
        #expect(throws: Never.self) { try CustomHeader.check(name: "Feedback-ID", value: "spring:acme:news:shop") }
    }

    /// They would act with the operator's account at the relay: other recipients, templates, subaccounts, no tracking.
    @Test(arguments: [
        "X-SES-CONFIGURATION-SET", "X-SMTPAPI", "x-smtpapi", "X-SG-EID", "X-Mailgun-Variables", "X-Mailgun-Sending-Ip", "X-MC-Subaccount",
        "X-MC-BccAddress",
        "X-PM-Message-Stream", "X-Postmark-Server-Token", "X-PostmarkTag", "X-MSYS-API", "X-MJ-TemplateID", "X-Mailin-Tag", "X-SIB-API",
        "X-ElasticEmail-Settings", "X-SMTP2GO-Track", "X-MS-Exchange-Organization-SCL",
    ])
    func `Control headers of relays are refused`(name: String) {
        let error = #expect(throws: CustomHeader.Invalid.self) { try CustomHeader.check(name: name, value: "x") }
        #expect(error?.description == "The header \(name) cannot be set: it controls the service that delivers the message.")
    }

    @Test(arguments: ["", "a b", "a:b", "a\r\nBcc", "é", "a\0", String(repeating: "x", count: 77)])
    func `Invalid header names are refused`(name: String) {
        let error = #expect(throws: CustomHeader.Invalid.self) { try CustomHeader.check(name: name, value: "x") }
        #expect(error?.description == "A header name consists of 1 to 76 letters, digits and hyphens.")
    }

    @Test func `A value with a line break is refused`() {
        let error = #expect(throws: CustomHeader.Invalid.self) { try CustomHeader.check(name: "X-A", value: "a\r\nBcc: x") }
        #expect(error?.description == "The value of the header X-A must not contain a carriage return (character 2).")
    }
}
