import MailModel
import Testing

struct SuppressionColumnsTests {
    @Test(arguments: [
        (["address", "scope", "sender", "reason", "note"], ["address", "scope", "sender", "reason", "note"], [String]()),
        (["Address", " REASON"], ["address", "reason"], []), (["\u{FEFF}address\u{200B}", "Reason\u{A0}"], ["address", "reason"], []),
        (["address", "code", "error", "created_at"], ["address", "", "", ""], ["code", "error", "created_at"]),
        (["email", "created", "reason"], ["address", "", "reason"], ["created"]),
        (["EmailAddress", "Reason", "LastUpdateTime"], ["address", "reason", ""], ["LastUpdateTime"]),
        (["E-Mail Address", "Type", ""], ["address", "reason", ""], []), (["recipient", "email"], ["address", ""], ["email"]),
        (["email", "type", "reason", "address"], ["", "", "reason", "address"], ["email", "type"]),
        (["Recipient", "Status", "Description"], ["address", "reason", "note"], []),
    ])
    func `Names of columns`(names: [String], columns: [String], ignored: [String]) throws {
        let found = try SuppressionColumns(names: names)
        #expect(found.columns.map { $0?.rawValue ?? "" } == columns)
        #expect(found.ignored == ignored)
    }

    @Test(arguments: [
        (["name", "reason"], "the column address is missing, found \"name, reason\""),
        (["address", "Address"], "the column address is named twice"),
        ([""], "the column address is missing, found \"\""),
    ])
    func `Lines that name no address`(names: [String], message: String) {
        let error = #expect(throws: SuppressionColumns.Invalid.self) { try SuppressionColumns(names: names) }
        #expect(error?.description == message)
    }

    @Test(arguments: [
        (["a@x.example", " hard_bounce"], SuppressionReason.hardBounce), (["a@x.example", "BOUNCE", "said so"], .hardBounce),
        (["a@x.example", "account", "", "complaint", ""], .complaint), (["a@x.example"], .manual),
        (["a@x.example", "", "", "spam"], .complaint),
        (["\u{FEFF}\u{200B}a@x.example\u{A0}", "Unsubscribed", "", ""], .unsubscribe),
    ])
    func `A file without names`(fields: [String], reason: SuppressionReason) throws {
        let entry = try SuppressionColumns(firstLine: fields).entry(fields)
        #expect(entry.address.description == "a@x.example" && entry.reason == reason && entry.scope == .account)
    }

    @Test(arguments: [
        ("hard_bounce", SuppressionReason.hardBounce), ("Hard bounce", .hardBounce), ("BOUNCE", .hardBounce), ("bounced", .hardBounce),
        ("COMPLAINT", .complaint), ("Spam Report", .complaint), ("unsubscribed", .unsubscribe), ("opt-out", .unsubscribe),
        ("manual", .manual),
        ("550 5.1.1 No such user", .hardBounce), ("5.1.1", .hardBounce), ("421 try again", .softBounce), ("4.2.2 full", .softBounce),
        ("soft_bounce", .softBounce),
    ])
    func `Words for reasons`(text: String, reason: SuppressionReason) {
        #expect(SuppressionReason.imported(text) == reason)
    }

    @Test(arguments: ["", "bored", "5", "55", "5.1", "5..1", "5000", "650", "no such user"])
    func `Words that mean none`(text: String) {
        #expect(SuppressionReason.imported(text) == nil)
    }

    @Test func `A line with a word that means nothing says what was expected`() throws {
        let columns = try SuppressionColumns(names: ["email", "reason"])
        let error = #expect(throws: SuppressionEntry.Invalid.self) { try columns.entry(["a@x.example", "bored"]) }
        #expect(error?.description == "reason: expected one of hard_bounce, complaint, unsubscribe, manual, soft_bounce")
        #expect(throws: SuppressionEntry.Invalid.self) { try columns.entry(["a@x.example", "manual", "more"]) }
        #expect(try columns.entry(["a@x.example", "manual", " ", ""]).reason == .manual)
    }
}

struct SuppressionEntryTests {
    @Test func defaultsApplyToWhatIsNotGiven() throws {
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
    func anInvalidEntryNamesTheField(texts: [String], field: String) {
        let error = #expect(throws: SuppressionEntry.Invalid.self) {
            try SuppressionEntry(address: texts[0], scope: texts[1], sender: texts[2], reason: texts[3], note: texts[4])
        }
        #expect(error?.field == field)
    }
}
