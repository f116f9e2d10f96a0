import MailModel
import Testing

struct SuppressionEntryTests {
    @Test func whatIsNotGivenFollows() throws {
        let entry = try SuppressionEntry(address: "a@x.example", scope: nil, sender: "", reason: nil, note: "")
        #expect(entry == SuppressionEntry(address: EmailAddress(validated: "a@x.example"), reason: .manual))
        let forSender = try SuppressionEntry(address: "a@x.example", scope: nil, sender: "s@y.example", reason: "complaint", note: "n\n2")
        #expect(forSender.scope == .sender && forSender.reason == .complaint && forSender.note == "n\n2")
    }

    @Test(arguments: [
        (["", "", "", "", ""], "address"), (["x", "", "", "", ""], "address"), (["a@x.example", "all", "", "", ""], "scope"),
        (["a@x.example", "account", "s@y.example", "", ""], "sender"), (["a@x.example", "sender", "", "", ""], "sender"),
        (["a@x.example", "", "y", "", ""], "sender"), (["a@x.example", "", "", "spam", ""], "reason"),
        (["a@x.example", "", "", "", "\u{0}"], "note"), (["a@x.example", "", "", "", String(repeating: "n", count: 1001)], "note"),
    ])
    func whatIsNoEntryNamesTheField(texts: [String], field: String) {
        let error = #expect(throws: SuppressionEntry.Invalid.self) {
            try SuppressionEntry(address: texts[0], scope: texts[1], sender: texts[2], reason: texts[3], note: texts[4])
        }
        #expect(error?.field == field)
    }
}
