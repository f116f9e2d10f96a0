import Hummingbird
import JSON
import NIOCore

/// The responses of version 2 (https://docs.aws.amazon.com/ses/latest/APIReference-V2/), with the fields that Martlet reads.
extension Response {
    static func sent(_ messageID: String) -> Response {
        object { $0.member("MessageId", messageID) }
    }

    /// `GetAccount`.
    static func account(under behaviour: Behaviour, sent: Int) -> Response {
        if behaviour.denyAccount != 0 {
            let action = "User: arn:aws:iam::123456789012:user/sink is not authorized to perform: ses:GetAccount"
            return failure(.forbidden, "AccessDeniedException", action)
        }
        return object { account in
            account.member("SendingEnabled", behaviour.pauseAccount == 0)
            account.member("ProductionAccessEnabled", behaviour.sandbox == 0)
            account.member("EnforcementStatus", behaviour.pauseAccount == 0 ? "HEALTHY" : "SHUTDOWN")
            account.member("SendQuota") { writer in
                writer.object { quota in
                    quota.member("Max24HourSend", Double(behaviour.dailyQuota))
                    quota.member("MaxSendRate", Double(behaviour.maxSendRate))
                    quota.member("SentLast24Hours", Double(sent))
                }
            }
        }
    }

    static var paused: Response {
        failure(.badRequest, "SendingPausedException", "Sending is paused.")
    }

    static func denied(identity: String) -> Response {
        let resource = "arn:aws:ses:eu-west-1:123456789012:identity/\(identity)"
        return failure(
            .forbidden, "AccessDeniedException",
            "User: arn:aws:iam::123456789012:user/sink is not authorized to perform: ses:SendEmail on resource: \(resource)")
    }

    static var serverFailure: Response {
        Bool.random()
            ? failure(.serviceUnavailable, "ServiceUnavailable", "Service is unavailable.")
            : failure(.internalServerError, "InternalServiceErrorException", "An internal failure occurred.")
    }

    static func failure(_ status: HTTPResponse.Status, _ code: String, _ message: String) -> Response {
        var response = object { $0.member("message", message) }
        response.status = status
        if let name = HTTPFields.Element.Name("x-amzn-ErrorType") { response.headers[name] = code }
        return response
    }

    static func object(_ write: (inout JSONWriter) -> Void) -> Response {
        var writer = JSONWriter()
        writer.object(write)
        return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: ByteBuffer(bytes: writer.bytes)))
    }
}
