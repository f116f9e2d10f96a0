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

/// The responder for all paths: the Query API and SQS at `/`, `/callbacks/…`, `/_control`, `/_queue` and `/_stats`.
///
/// There is no router, for speed.
struct SinkResponder: HTTPResponder {
    typealias Context = SinkContext
    /// More than SES's largest message of 40 MB, in base64.
    private static let maximumBody = 64 << 20

    let state: SinkState
    let callbacks: CallbackReceiver
    let queue = QueueResponder(queue: SinkQueue())

    func respond(to request: Request, context: SinkContext) async throws -> Response {
        let body = try await request.body.collect(upTo: Self.maximumBody)
        if let action = QueueResponder.action(of: request) { return try await queue.answer(action, body) }
        switch request.uri.path {
        case QueueResponder.path:
            return try queue.fill(body)
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

    private func answer(_ form: FormBody, _ context: SinkContext) async -> Response {
        switch form["Action"] {
        case "SendRawEmail":
            return await send(form, context)
        case "GetSendQuota":
            let behaviour = state.behaviour
            return .sendQuota(daily: behaviour.dailyQuota, rate: behaviour.maxSendRate, sent: state.summary().accepted)
        case "VerifyDomainIdentity":
            return .domainIdentity(of: form["Domain"] ?? "")
        case "VerifyDomainDkim":
            return .dkim(of: form["Domain"] ?? "")
        case "GetIdentityVerificationAttributes":
            return .verificationAttributes(of: form.list("Identities.member."))
        case "GetIdentityDkimAttributes":
            return .dkimAttributes(of: form.list("Identities.member."))
        case let action:
            return .error(.badRequest, code: "InvalidAction", message: "Could not find operation \(action ?? "")")
        }
    }

    private func send(_ form: FormBody, _ context: SinkContext) async -> Response {
        let behaviour = state.behaviour
        if behaviour.denyIdentities != 0, let domain = form["Source"]?.split(separator: "@").last, domain.hasPrefix("denied") {
            state.noteDenied()
            return .denied(identity: String(domain))
        }
        let fault = Fault.drawn(from: behaviour)
        if let fault { state.note(fault) }
        switch fault {
        case .throttle: return .throttled("Maximum sending rate exceeded.")
        case .error: return .serverFailure()
        case .dropBefore: return await drop(context)
        case .dropAfter, nil: break
        }
        switch state.accept(id: form.martletID, under: behaviour) {
        case .refused(let message):
            return .throttled(message)
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
