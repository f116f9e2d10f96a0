import NIOCore
import SMTPServer
import TestSupport
import Testing

struct SubmissionInputTests {
    private func lines(_ pieces: [String]) -> [SubmissionInput.Line] {
        var input = SubmissionInput()
        var lines: [SubmissionInput.Line] = []
        for piece in pieces {
            input.append(ByteBuffer(string: piece))
            while let line = input.nextLine() { lines.append(line) }
        }
        return lines
    }

    private static func bytes(_ text: String) -> SubmissionInput.Line { .bytes(Array(text.utf8)) }

    @Test func linesComeInPieces() {
        #expect(lines(["EH", "LO x\r", "\nNOOP\r\n\r\nQU", "IT\r\n"]) == ["EHLO x", "NOOP", "", "QUIT"].map(Self.bytes))
    }

    @Test(arguments: ["NOOP\n", "NO\rOP\r\n", "NOOP\r\r\n", "NO\0OP\r\n", "\n"])
    func linesEndWithCRLFAlone(text: String) {
        #expect(lines([text, "QUIT\r\n"]) == [.malformed, Self.bytes("QUIT")])
    }

    @Test func longLinesAreDroppedAsTheyCome() {
        var input = SubmissionInput()
        for _ in 0..<1_000 {
            input.append(ByteBuffer(repeating: UInt8(ascii: "x"), count: 10_000))
            #expect(input.nextLine() == nil)
            #expect(input.count <= SubmissionInput.lineLength)
        }
        input.append(ByteBuffer(string: "\r\nNOOP\r\n"))
        #expect(input.nextLine() == .tooLong)
        #expect(input.nextLine() == Self.bytes("NOOP"))
        #expect(input.isEmpty)
    }
}

struct MessageDecoderTests {
    /// What of a transfer is the message; `nil` where it has not ended.
    private func message(_ transfer: String, cut: Int? = nil) -> (message: String, rest: String)? {
        let bytes = Array(transfer.utf8)
        let cut = cut ?? bytes.count
        var decoder = MessageDecoder()
        var input = SubmissionInput()
        for piece in [bytes[..<cut], bytes[cut...]] {
            input.append(ByteBuffer(bytes: piece))
            if input.readMessage(into: &decoder) {
                var rest = Array(bytes.suffix(input.count))
                if piece.endIndex == cut { rest = Array(bytes[(cut - input.count)...]) }
                return (String(decoding: decoder.bytes, as: UTF8.self), String(decoding: rest, as: UTF8.self))
            }
        }
        return nil
    }

    private static let messages: [(String, String)] = [
        ("a\r\n.\r\n", "a\r\n"), (".\r\n", ""), ("..\r\n.\r\n", ".\r\n"), (".a\r\n.\r\n", "a\r\n"), ("a\r\n..b\r\n.\r\n", "a\r\n.b\r\n"),
        ("a.\r\n.\r\n", "a.\r\n"), ("\r\n.\r\n", "\r\n"), ("a\r\n.\r.\r\n.\r\n", "a\r\n\r.\r\n"),
    ]

    @Test(arguments: messages)
    func messagesEndWithADot(transfer: String, expected: String) throws {
        for cut in 0...transfer.utf8.count { #expect(message(transfer, cut: cut)?.message == expected, "cut at \(cut)") }
        let followed = try #require(message(transfer + "QUIT\r\n"))
        #expect(followed.message == expected && followed.rest == "QUIT\r\n")
    }

    /// The published vectors of SMTP smuggling (SEC Consult, 2023; CVE-2023-51764, -51765, -51766): servers took them for the end of a message.
    private static let notEnds = [
        "\n.\n", "\n.\r\n", "\r\n.\n", "\r.\r", "\r.\r\n", "\r\n.\r", "\n\n.\r\n", "\n.\n\r", "\r\r\n.\r\r\n", "\r\n\0.\r\n", "\r\n.\0\r\n",
        "\r\n.\r\r\n",
        "\r\n. \r\n", "\u{85}.\u{85}", "\r\n.\n\n", "\n\r\n.\n",
    ]

    @Test(arguments: notEnds)
    func nothingElseEndsAMessage(vector: String) throws {
        let smuggled = "MAIL FROM:<ceo@bank.example>\r\nRCPT TO:<b@example.org>\r\nDATA\r\n"
        let transfer = "Subject: x\r\n\r\na\(vector)\(smuggled)\r\n.\r\n"
        for cut in 0...transfer.utf8.count {
            let found = try #require(message(transfer, cut: cut))
            #expect(found.rest.isEmpty && found.message.contains("MAIL FROM:<ceo@bank.example>"))
        }
    }

    @Test func whatIsDiscardedIsReadToItsEnd() {
        var decoder = MessageDecoder()
        decoder.discard()
        var buffer = ByteBuffer(string: "a\r\n..\r\n\r\n.\r\nQUIT\r\n")
        let hasEnded = decoder.decode(&buffer)
        #expect(hasEnded && decoder.bytes.isEmpty && buffer.readableBytes == 6)
    }
}

struct SubmissionFuzzTests {
    private static let seeds = [
        "EHLO x\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<a@b.example> SIZE=10 BODY=8BITMIME\r\nRCPT TO:<c@d.example>\r\nDATA\r\nFrom: a\r\n\r\n..x\r\n.\r\nQUIT\r\n",
        "EHLO x\r\nAUTH LOGIN\r\nYQ==\r\nYg==\r\nMAIL FROM:<>\r\nRCPT TO:<@r:\"a b\"@d.example>\r\nDATA\r\n.\r\nRSET\r\nNOOP\r\nHELP\r\nSTARTTLS\r\n",
    ].map { Array($0.utf8) }

    /// Of any bytes in any pieces come replies, and no more is kept than a line and a message may have.
    @Test func anyBytesAreAnswered() {
        var generator = SeededGenerator(seed: 25)
        var (messages, replies) = (0, 0)
        for _ in 0..<SeededGenerator.rounds {
            let seed = Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &generator)]
            let bytes = seed.mutated(times: 1...8, using: &generator)
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let counts = Self.run([bytes[..<cut], bytes[cut...]])
            messages += counts.messages
            replies += counts.replies
        }
        #expect(messages > SeededGenerator.rounds / 20 && replies > SeededGenerator.rounds)
    }

    private static func run(_ pieces: [ArraySlice<UInt8>]) -> (messages: Int, replies: Int) {
        var configuration = SubmissionSession.Configuration(hostName: "mx.example", maximumBytes: 1_000, offersTLS: true)
        configuration.isLocal = true
        var session = SubmissionSession(configuration)
        var input = SubmissionInput()
        var message: MessageDecoder?
        var (messages, replies) = (0, 0)
        for piece in pieces {
            input.append(ByteBuffer(bytes: piece))
            while true {
                if var decoder = message {
                    let hasEnded = input.readMessage(into: &decoder)
                    message = hasEnded ? nil : decoder
                    guard hasEnded else { break }
                    messages += 1
                    _ = session.received(session.farewell)
                    continue
                }
                guard let line = input.nextLine() else { break }
                var action = session.received(line)
                steps: while true {
                    switch action {
                    case .authenticate: action = session.authenticated()
                    case .renew: action = session.renewed()
                    case .check(let address): action = session.checked(address, refusal: nil)
                    case .startTLS:
                        session.startedTLS()
                        action = .reply(session.greeting)
                    case .receive:
                        message = MessageDecoder()
                        action = .reply(session.greeting)
                    case .close: return (messages, replies + 1)
                    case .reply(let reply):
                        precondition(reply.encoded.hasSuffix("\r\n") && reply.encoded.utf8.count <= 4_096)
                        replies += 1
                        break steps
                    }
                }
            }
            precondition(input.count <= max(SubmissionInput.lineLength, piece.count))
        }
        return (messages, replies)
    }
}
