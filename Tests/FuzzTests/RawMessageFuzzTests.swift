import MIME
import TestSupport
import Testing

struct RawMessageFuzzTests {
    private static let seeds = [
        "From: Ann <ann@example.com>\r\nTo: b@example.org, team: c@example.org;\r\nSubject: =?utf-8?b?aGk=?=\r\n =?iso-8859-1?q?a=FC?=\r\nMessage-ID: <1@x>\r\n\r\nhi\r\n",
        "From: \"A, B\" (c (d)) <a@[::1]>\r\nContent-Type: multipart/mixed; boundary=x; name*0*=utf-8'e'a%20; name*1=b\r\n\r\n--x\r\nContent-Type: text/html;charset=latin1\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--x\r\nContent-Disposition: attachment; filename=\"a\\\"b\"\r\n\r\n=41=\r\n--x--\r\n",
        "Content-Type: multipart/digest; boundary=\"\"\r\nFrom : a@b\r\n\tfolded\r\n\r\n.\r\n..\r\n",
    ].map { Array($0.utf8) }

    /// Of any bytes comes a message or a fault; a message is read within its bounds, and comes out as it came but for what is taken out.
    @Test func anyBytesAreAMessageOrAFault() {
        var generator = SeededGenerator(seed: 17)
        var (messages, faults) = (0, 0)
        for _ in 0..<SeededGenerator.rounds {
            let seed = Self.seeds[Int.random(in: 0..<Self.seeds.count, using: &generator)]
            do {
                try check(try RawMessage(seed.mutated(times: 1...8, using: &generator)))
                messages += 1
            } catch {
                precondition(error is RawMessage.Fault)
                faults += 1
            }
        }
        #expect(messages > SeededGenerator.rounds / 20 && faults > SeededGenerator.rounds / 20)
    }

    private func check(_ message: RawMessage) throws {
        let same = message.rewritten { _ in false }
        precondition(same.starts(with: message.bytes.prefix(message.bodyStart)) || message.bodyStart == message.bytes.count)
        let again = try RawMessage(same)
        precondition(again.fields.map(\.name) == message.fields.map(\.name))
        let without = try RawMessage(message.rewritten { $0.name == "from" })
        precondition(!without.has("from"))
        for value in message.values(of: "from") + message.values(of: "to") {
            for mailbox in (try? MailboxList.parse(value)) ?? [] { precondition(mailbox.address.utf8.count <= value.utf8.count * 2 + 4) }
        }
        let preview = MessagePreview(message)
        precondition(preview.files.count <= MessagePreview.Limits.parts)
        precondition((preview.text?.utf8.count ?? 0) <= 3 * message.bytes.count)
        precondition(preview.files.allSatisfy { !$0.filename.utf8.contains(0x0A) && $0.size <= message.bytes.count })
    }
}
