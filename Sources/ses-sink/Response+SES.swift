import Hummingbird
import NIOCore

/// The responses of the SES Query API (https://docs.aws.amazon.com/ses/latest/APIReference/), with the fields that Martlet reads.
extension Response {
    static func sendQuota(daily: Int, rate: Int, sent: Int) -> Response {
        result(
            "GetSendQuota",
            "<Max24HourSend>\(daily).0</Max24HourSend><MaxSendRate>\(rate).0</MaxSendRate><SentLast24Hours>\(sent).0</SentLast24Hours>")
    }

    static func domainIdentity(of domain: String) -> Response {
        result("VerifyDomainIdentity", "<VerificationToken>\(token(domain))</VerificationToken>")
    }

    static func dkim(of domain: String) -> Response {
        result("VerifyDomainDkim", "<DkimTokens>\(dkimTokens(domain))</DkimTokens>")
    }

    static func verificationAttributes(of identities: [String]) -> Response {
        let entries = identities.map { identity in
            entry(identity, "<VerificationStatus>Success</VerificationStatus><VerificationToken>\(token(identity))</VerificationToken>")
        }
        return result("GetIdentityVerificationAttributes", "<VerificationAttributes>\(entries.joined())</VerificationAttributes>")
    }

    static func dkimAttributes(of identities: [String]) -> Response {
        let entries = identities.map { identity in
            let tokens = "<DkimTokens>\(dkimTokens(identity))</DkimTokens>"
            return entry(identity, "<DkimEnabled>true</DkimEnabled><DkimVerificationStatus>Success</DkimVerificationStatus>\(tokens)")
        }
        return result("GetIdentityDkimAttributes", "<DkimAttributes>\(entries.joined())</DkimAttributes>")
    }

    static let mailFromIsSet = result("SetIdentityMailFromDomain", "")

    static func mailFromAttributes(of identities: [(name: String, mailFrom: String?)]) -> Response {
        let entries = identities.map { identity in
            let mailFrom = identity.mailFrom.map {
                "<MailFromDomain>\($0)</MailFromDomain><MailFromDomainStatus>Success</MailFromDomainStatus>"
            }
            return entry(identity.name, "\(mailFrom ?? "")<BehaviorOnMXFailure>UseDefaultValue</BehaviorOnMXFailure>")
        }
        return result("GetIdentityMailFromDomainAttributes", "<MailFromDomainAttributes>\(entries.joined())</MailFromDomainAttributes>")
    }

    static func error(_ status: HTTPResponse.Status, code: String, message: String, type: String = "Sender") -> Response {
        let error = "<Error><Type>\(type)</Type><Code>\(code)</Code><Message>\(message)</Message></Error>"
        return xml(status, "<ErrorResponse \(namespace)>\(error)<RequestId>sink</RequestId></ErrorResponse>")
    }

    private static let namespace = #"xmlns="http://ses.amazonaws.com/doc/2010-12-01/""#

    private static func result(_ action: String, _ content: String) -> Response {
        let result = "<\(action)Result>\(content)</\(action)Result><ResponseMetadata><RequestId>sink</RequestId></ResponseMetadata>"
        return xml(.ok, "<\(action)Response \(namespace)>\(result)</\(action)Response>")
    }

    private static func xml(_ status: HTTPResponse.Status, _ body: String) -> Response {
        Response(status: status, headers: [.contentType: "text/xml"], body: .init(byteBuffer: ByteBuffer(string: body)))
    }

    private static func entry(_ key: String, _ value: String) -> String {
        "<entry><key>\(key)</key><value>\(value)</value></entry>"
    }

    private static func token(_ domain: String) -> String {
        "token-of-" + domain.replacing(".", with: "-")
    }

    private static func dkimTokens(_ domain: String) -> String {
        (1...3).map { "<member>dkim\($0)-\(token(domain))</member>" }.joined()
    }
}
