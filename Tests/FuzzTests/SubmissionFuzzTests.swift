import NIOCore
import SMTPServer
import TestSupport
import Testing

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
