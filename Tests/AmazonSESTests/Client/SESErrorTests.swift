import Testing

@testable import AmazonSES

struct SESErrorTests {
    @Test(arguments: [
        // Throttling: by the rate for a moment, by the day's quota for longer.
        ("Throttling", "Maximum sending rate exceeded.", 400, SESError.Outcome.retry),
        ("Throttling", "Rate exceeded", 400, .retry),
        ("ThrottlingException", "Rate exceeded", 400, .retry),
        ("TooManyRequestsException", "", 429, .retry),
        ("", "", 429, .retry),
        ("Throttling", "Daily message quota exceeded.", 400, .paused),
        ("LimitExceededException", "Maximum sending rate exceeded.", 400, .retry),
        ("LimitExceededException", "Daily message quota exceeded.", 400, .paused),
        // Errors of SES itself.
        ("InternalFailure", "", 500, .retry),
        ("ServiceUnavailable", "", 503, .retry),
        ("", "", 500, .retry),
        ("", "", 502, .retry),
        ("", "", 504, .retry),
        ("RequestTimeout", "", 408, .retry),
        // Answers that are not from SES.
        ("", "", 301, .retry),
        ("", "", 403, .retry),
        ("", "", 404, .retry),
        ("", "", 413, .permanent),
        // Errors of the email.
        ("MessageRejected", "Email address is not verified.", 400, .permanent),
        ("MailFromDomainNotVerifiedException", "", 400, .permanent),
        ("MailFromDomainNotVerified", "", 400, .permanent),
        ("ConfigurationSetDoesNotExist", "", 400, .permanent),
        ("InvalidParameterValue", "Duplicate header 'Message-ID'.", 400, .permanent),
        ("ValidationError", "", 400, .permanent),
        ("SomethingNew", "", 400, .permanent),
        // No email can be sent.
        ("AccountSendingPausedException", "", 400, .paused),
        ("ConfigurationSetSendingPausedException", "", 400, .paused),
        ("SendingPausedException", "", 400, .paused),
        ("AccountSuspendedException", "", 400, .paused),
        ("NotFoundException", "Configuration set <mail> does not exist.", 404, .paused),
        ("ExpiredToken", "", 403, .paused),
        ("InvalidClientTokenId", "", 403, .paused),
        ("SignatureDoesNotMatch", "", 403, .paused),
        ("RequestExpired", "", 400, .paused),
        ("AccessDenied", "", 403, .paused),
        ("OptInRequired", "", 403, .paused),
    ])
    func `classifies SES's errors`(_ code: String, _ message: String, _ status: Int, _ outcome: SESError.Outcome) {
        let error = SESError(code: code, message: message, httpStatus: status)
        #expect(error.outcome == outcome)
        #expect(!error.code.isEmpty && !error.message.isEmpty)
    }

    @Test func `reads SES's own code and message`() {
        let body =
            "<ErrorResponse><Error><Type>Sender</Type><Code>MessageRejected</Code><Message>No &lt;x&gt;</Message></Error></ErrorResponse>"
        let error = SESError(answer: HTTPAnswer(status: 400, body: Array(body.utf8)))
        #expect(error == SESError(code: "MessageRejected", message: "No <x>", httpStatus: 400, outcome: .permanent))
    }

    @Test(arguments: [("<html>Bad gateway", 502, "HTTP502"), ("", 403, "HTTP403"), ("\u{0}", 500, "HTTP500")])
    func `handles an answer that is not from SES`(_ body: String, _ status: Int, _ code: String) {
        let error = SESError(answer: HTTPAnswer(status: status, body: Array(body.utf8)))
        #expect(error.code == code)
        #expect(error.outcome == .retry)
    }

    @Test(arguments: [("Throttling", 400, true), ("SlowDown", 503, true), ("X", 429, true), ("MessageRejected", 400, false)])
    func `recognises throttling`(_ code: String, _ status: Int, _ isThrottling: Bool) {
        #expect(SESError(code: code, message: "", httpStatus: status).isThrottling == isThrottling)
    }

    @Test(arguments: [
        ("AccountSendingPausedException", "Account 1 is paused", SESError.PausedScope.account),
        ("ConfigurationSetSendingPausedException", "The configuration set mail is paused", .configurationSet),
        ("Throttling", "Daily message quota exceeded.", .account),
        ("SendingPausedException", "Sending is paused.", .unknown),
        ("AccountSuspendedException", "The account is suspended.", .account),
        ("NotFoundException", "Configuration set <mail> does not exist.", .configurationSet),
        ("NotFoundException", "Tenant <acme> does not exist.", .tenant),
        ("AccessDenied", "… on resource: arn:aws:ses:eu-west-1:1:tenant/acme/tn-1", .tenant),
        ("ExpiredToken", "on resource: arn:aws:ses:eu-west-1:1:identity/shop.example", .account),
        ("AccessDenied", "", .account),
        (
            "AccessDenied",
            "User `arn:aws:iam::123456789012:user/m' is not authorized to perform `ses:SendRawEmail' on resource `arn:aws:ses:eu-west-1:123456789012:identity/Shop.example'",
            .identity("shop.example")
        ),
        (
            "AccessDeniedException",
            "User: arn:aws:iam::1:user/m is not authorized to perform: ses:SendRawEmail on resource: arn:aws:ses:eu-west-1:1:identity/a@shop.example because no identity-based policy allows it",
            .identity("a@shop.example")
        ),
        ("AccessDenied", "… on resource: arn:aws-cn:ses:cn-north-1:1:configuration-set/mail with an explicit deny", .configurationSet),
        ("AccessDenied", "… on resource: arn:aws:ses:eu-west-1:1:identity/shop.example.", .identity("shop.example")),
        ("AccessDenied", "… on resource: arn:aws:ses:eu-west-1:1:identity/*", .account),
        ("AccessDenied", "… on resource: *", .account),
        ("AccessDenied", "… on resource: arn:aws:kms:eu-west-1:1:key/identity/x", .account),
        ("AccessDenied", "… on resource arn:", .account),
    ])
    func `finds the scope of a pause`(_ code: String, _ message: String, _ scope: SESError.PausedScope) {
        #expect(SESError(code: code, message: message, httpStatus: 403).pausedScope == scope)
    }

    @Test func `errors that are no pause have no scope`() {
        #expect(SESError(code: "MessageRejected", message: "no", httpStatus: 400).pausedScope == nil)
    }
}
