import NIOCore
import SMTPServer
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
