import FoundationEssentials
import Hummingbird
import NIOCore

/// The context of a request: its connection, which a fault can close.
struct SinkContext: InitializableFromSource, Sendable {
    let channel: any Channel

    init(source: ApplicationRequestContextSource) {
        channel = source.channel
    }
}

/// The responder for all paths: SES at `/v2/email/…` and, for identities, at `/`, SQS there too, `/callbacks/…`, `/_control`, `/_pauses`,
/// `/_verdicts`, `/_queue` and `/_stats`.
///
/// There is no router, for speed.
struct SinkResponder: HTTPResponder {
    typealias Context = SinkContext
    /// More than SES's largest message of 40 MB, in base64.
    private static let maximumBody = 64 << 20

    let state: SinkState
    let callbacks: CallbackReceiver
    let queue = QueueResponder(queue: SinkQueue())
    let account = AccountResponder()

    func respond(to request: Request, context: SinkContext) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.maximumBody)
        if let action = QueueResponder.action(of: request) { return try await queue.answer(action, body) }
        switch request.uri.path {
        case QueueResponder.path:
            return try queue.fill(body)
        case let path where path.hasPrefix(Self.v2):
            return await answer(request, path.dropFirst(Self.v2.count), body, context)
        case "/_pauses", "/_verdicts":
            return try account.change(request.uri.path, body)
        case "/_stats":
            return try json(state.summary())
        case "/_control":
            try state.change(JSONDecoder().decode([String: Int].self, from: Data(body.readableBytesView)))
            return try json(state.behaviour.byName)
        case let path where path.hasPrefix(CallbackReceiver.path):
            return try await callbacks.receive(request, body)
        default:
            return await answer(FormBody(body), context)
        }
    }

    private static let v2 = "/v2/email/"

    private func answer(_ request: Request, _ path: Substring, _ body: ByteBuffer, _ context: SinkContext) async -> Response {
        switch (request.method, path) {
        case (.post, "outbound-emails"):
            guard let email = SentEmail(body) else { return .failure(.badRequest, "BadRequestException", "The body is no raw email.") }
            return await send(email, context)
        case (.get, "account"):
            return .account(under: state.behaviour, sent: state.summary().accepted)
        default:
            return account.answer(request.method, path, body, under: state.behaviour)
        }
    }

    private func answer(_ form: FormBody, _ context: SinkContext) async -> Response {
        switch form["Action"] {
        case "GetSendQuota":
            let behaviour = state.behaviour
            return .sendQuota(daily: behaviour.dailyQuota, rate: behaviour.maxSendRate, sent: state.summary().accepted)
        case "VerifyDomainIdentity":
            return .domainIdentity(of: form["Domain"] ?? "")
        case "VerifyDomainDkim":
            return .dkim(of: form["Domain"] ?? "")
        case "SetIdentityMailFromDomain":
            state.setMailFrom(form["MailFromDomain"], of: form["Identity"] ?? "")
            return .mailFromIsSet
        case "GetIdentityMailFromDomainAttributes":
            return .mailFromAttributes(of: form.list("Identities.member.").map { ($0, state.mailFrom(of: $0)) })
        case "GetIdentityVerificationAttributes":
            return .verificationAttributes(of: form.list("Identities.member."))
        case "GetIdentityDkimAttributes":
            return .dkimAttributes(of: form.list("Identities.member."))
        case let action:
            return .error(.badRequest, code: "InvalidAction", message: "Could not find operation \(action ?? "")")
        }
    }

    private func send(_ email: SentEmail, _ context: SinkContext) async -> Response {
        let behaviour = state.behaviour
        if behaviour.denyIdentities != 0, email.domain.hasPrefix("denied") {
            state.note("denied")
            return .denied(identity: email.domain)
        }
        if behaviour.pauseAccount != 0 {
            state.note("paused")
            return .paused
        }
        if let refusal = account.refusal(of: email) {
            state.note("paused")
            return refusal
        }
        let fault = Fault.drawn(from: behaviour)
        if let fault { state.note(fault.rawValue) }
        switch fault {
        case .throttle: return .failure(.tooManyRequests, "TooManyRequestsException", "Maximum sending rate exceeded.")
        case .error: return .serverFailure
        case .dropBefore: return await drop(context)
        case .dropAfter, nil: break
        }
        switch state.accept(email, under: behaviour) {
        case .overRate: return .failure(.tooManyRequests, "TooManyRequestsException", "Maximum sending rate exceeded.")
        case .overQuota: return .failure(.badRequest, "LimitExceededException", "Daily message quota exceeded.")
        case .accepted(let message):
            try? await Task.sleep(for: .milliseconds(behaviour.latencyMs))
            return fault == .dropAfter ? await drop(context) : .sent(message.messageID)
        }
    }

    /// Closes the connection.
    ///
    /// The response, which the protocol requires, is not sent.
    private func drop(_ context: SinkContext) async -> Response {
        try? await context.channel.close()
        return Response(status: .internalServerError)
    }

    private func json(_ value: some Encodable) throws -> Response {
        let body = ByteBuffer(bytes: try JSONEncoder().encode(value))
        return Response(status: .ok, headers: [.contentType: "application/json"], body: .init(byteBuffer: body))
    }
}
