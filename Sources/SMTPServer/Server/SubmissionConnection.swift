import Concurrency
import MailModel
import NIOCore
import NIOSSL

/// One connection of a client: does what its ``SubmissionSession`` says.
struct SubmissionConnection {
    private enum Ending: Error { case closed }

    private let channel: any Channel
    private let deadline: SubmissionDeadline
    private let host: String
    private let service: SubmissionService
    private let configuration: SubmissionDaemon.Configuration
    private let tls: (@Sendable () throws -> NIOSSLServerHandler)?
    private var session: SubmissionSession
    private var input = SubmissionInput()
    /// Replies that are not sent yet: those to commands that came together go together (RFC 2920).
    private var replies = ByteBuffer()
    private var token = ""
    private var principal = Principal.master
    private var isQuiescing = false

    init(
        channel: any Channel, deadline: SubmissionDeadline, host: String, session: SubmissionSession, service: SubmissionService,
        configuration: SubmissionDaemon.Configuration, tls: (@Sendable () throws -> NIOSSLServerHandler)?
    ) {
        self.channel = channel
        self.deadline = deadline
        self.host = host
        self.session = session
        self.service = service
        self.configuration = configuration
        self.tls = tls
    }

    typealias Events = NIOAsyncChannelInboundStream<SubmissionEvent>.AsyncIterator

    /// Serves the client until one side ends the connection.
    mutating func run(_ inbound: NIOAsyncChannelInboundStream<SubmissionEvent>) async throws {
        var events = inbound.makeAsyncIterator()
        replies.writeString(session.greeting.encoded)
        do {
            while true {
                while let line = input.nextLine() {
                    deadline.set(nil)
                    try await perform(session.received(line), &events)
                }
                if isQuiescing { try await perform(.close(session.farewell), &events) }
                try await flush()
                deadline.set(.now() + .milliseconds(configuration.commandTimeout.milliseconds))
                try await read(&events)
            }
        } catch Ending.closed {
            deadline.set(.now() + .seconds(10))
            try await flush(waits: true)
        }
    }

    /// Sends the replies; waits for that only where the client is slow to read them, as waiting takes a turn of the event loop.
    private mutating func flush(waits: Bool = false) async throws {
        guard replies.readableBytes > 0 else { return }
        let bytes = replies
        replies.clear()
        if waits || !channel.isWritable { try await channel.writeAndFlush(bytes) } else { channel.writeAndFlush(bytes, promise: nil) }
    }

    /// Reads the next bytes.
    ///
    /// - Throws: ``Ending`` where the client has sent all.
    private mutating func read(_ events: inout Events) async throws {
        let event = try await events.next()
        switch event {
        case nil: throw Ending.closed
        case .bytes(let bytes)?: input.append(bytes)
        case .quiescing?: isQuiescing = true
        case .startedTLS?: break
        }
    }

    private mutating func perform(_ action: SubmissionSession.Action, _ events: inout Events) async throws {
        switch action {
        case .reply(let reply): replies.writeString(reply.encoded)
        case .close(let reply):
            replies.writeString(reply.encoded)
            throw Ending.closed
        case .startTLS(let reply): try await startTLS(after: reply, &events)
        case .authenticate(let password):
            token = password
            try await authenticate(&events) { $0.authenticated() }
        case .renew: try await authenticate(&events) { $0.renewed() }
        case .check(let recipient):
            let refusal = await service.refusal(of: recipient)
            try await perform(session.checked(recipient, refusal: refusal), &events)
        case .receive(let reply): try await receiveMessage(after: reply, &events)
        }
    }

    private mutating func authenticate(
        _ events: inout Events, _ next: (inout SubmissionSession) -> SubmissionSession.Action
    ) async throws {
        switch await service.authenticate(token, from: host) {
        case .success(let principal):
            self.principal = principal
            try await perform(next(&session), &events)
        case .failure(let failure):
            token = ""
            try await perform(session.refused(failure.reply), &events)
        }
    }

    /// Nothing that came before TLS survives it: neither what was said nor what is not read yet (RFC 3207 section 4.2).
    private mutating func startTLS(after reply: SubmissionReply, _ events: inout Events) async throws {
        guard let tls, input.isEmpty else { throw Ending.closed }
        try await flush()
        try await channel.startTLS(after: reply, tls)
        while let event = try await events.next() {
            switch event {
            case .startedTLS: return session.startedTLS()
            case .quiescing: isQuiescing = true
            // Plain text that somebody may have put behind the command.
            case .bytes: throw Ending.closed
            }
        }
        throw Ending.closed
    }
}

// MARK: - Messages

extension SubmissionConnection {
    private mutating func receiveMessage(after reply: SubmissionReply, _ events: inout Events) async throws {
        let began = ContinuousClock.now
        let end = NIODeadline.now() + .milliseconds(configuration.messageTimeout.milliseconds)
        let memory = service.reservation(for: principal)
        var message = IncomingMessage(memory: memory, limit: configuration.maximumBytes)
        replies.writeString(reply.encoded)
        try await flush()
        while !message.read(from: &input) {
            deadline.set(min(end, .now() + .milliseconds(configuration.commandTimeout.milliseconds)))
            try await read(&events)
        }
        deadline.set(nil)
        let answer = await answer(to: message, began)
        // The bytes are not needed any more, and the client may take its time to read the answer.
        memory.release()
        try await perform(session.received(answer), &events)
    }

    private func answer(to message: IncomingMessage, _ began: ContinuousClock.Instant) async -> SubmissionReply {
        if let fault = message.fault {
            return service.refused(fault == .tooLarge ? session.tooLarge : .noMemory, by: principal, session.recipients.count, began)
        }
        var bytes = message.bytes
        if configuration.addsReceived {
            bytes = ReceivedField(session, from: host, by: configuration.hostName, at: service.now).bytes + bytes
        }
        return await service.accept(bytes, to: session.recipients, by: principal, began)
    }
}

extension SubmissionReply {
    static let noMemory = SubmissionReply(
        452, "4.3.1", "The messages of this moment hold all the memory that they may: try again in a second")
}

/// A message that comes in, within its bounds.
struct IncomingMessage {
    enum Fault { case tooLarge, noMemory }

    private let memory: MemoryReservation
    private let limit: Int
    private var decoder = MessageDecoder()
    private var reserved = 0
    /// Why the message is not kept.
    private(set) var fault: Fault?

    init(memory: MemoryReservation, limit: Int) {
        self.memory = memory
        self.limit = limit
    }

    var bytes: [UInt8] { decoder.bytes }

    /// Reads what has come in.
    ///
    /// - Returns: whether the message has ended.
    mutating func read(from input: inout SubmissionInput) -> Bool {
        reserve(for: input.count)
        let hasEnded = input.readMessage(into: &decoder)
        if fault == nil, decoder.bytes.count > limit { discard(.tooLarge) }
        return hasEnded
    }

    private mutating func reserve(for count: Int) {
        guard fault == nil, decoder.bytes.count + count > reserved else { return }
        // In steps: a message that grows byte by byte asks seldom.
        let step = max(count, 32 << 10)
        if memory.grow(by: step) { reserved += step } else { discard(.noMemory) }
    }

    private mutating func discard(_ fault: Fault) {
        self.fault = fault
        decoder.discard()
    }
}
