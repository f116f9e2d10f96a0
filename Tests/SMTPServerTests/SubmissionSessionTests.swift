import MailModel
import Testing

@testable import SMTPServer

/// A session that a test talks to; what it asks for is granted unless the test says otherwise.
private struct Dialogue {
    var session: SubmissionSession
    var isKeyValid = true
    var refusal: SubmissionReply?
    /// What the session has asked for.
    var asked: [SubmissionSession.Action] = []

    init(offersTLS: Bool = true, isLocal: Bool = false, _ change: (inout SubmissionSession.Configuration) -> Void = { _ in }) {
        var configuration = SubmissionSession.Configuration(hostName: "mx.example", maximumBytes: 1_000, offersTLS: offersTLS)
        configuration.isLocal = isLocal
        change(&configuration)
        session = SubmissionSession(configuration)
    }

    /// The code and status of the answer, behind `!` where the connection is closed.
    mutating func say(_ line: String) -> String {
        var action = session.received(.bytes(Array(line.utf8)))
        while true {
            switch action {
            case .reply(let reply): return Self.short(reply)
            case .close(let reply): return "!" + Self.short(reply)
            case .startTLS(let reply):
                session.startedTLS()
                return Self.short(reply)
            case .receive(let reply):
                asked.append(action)
                return Self.short(reply)
            case .authenticate, .renew:
                asked.append(action)
                let isFirst = action != .renew
                action =
                    isKeyValid
                    ? (isFirst ? session.authenticated() : session.renewed())
                    : session.refused(SubmissionReply(535, "5.7.8", "Invalid API key"))
            case .check(let recipient): action = session.checked(recipient, refusal: refusal)
            }
        }
    }

    private static func short(_ reply: SubmissionReply) -> String {
        "\(reply.code)" + (reply.status.map { " " + $0 } ?? "")
    }

    mutating func logIn() {
        _ = say("EHLO client")
        #expect(say("AUTH PLAIN AHUAcA==") == "235 2.7.0")
    }
}

struct SubmissionSessionTests {
    @Test func aMessageIsTakenStepByStep() {
        var client = Dialogue(isLocal: true)
        client.logIn()
        #expect(client.say("MAIL FROM:<any@elsewhere.example> SIZE=900 BODY=8BITMIME SMTPUTF8 AUTH=<>") == "250 2.1.0")
        #expect(client.say("RCPT TO:<a@b.example>") == "250 2.1.5")
        #expect(client.say("rcpt to: <@relay.example:c@d.example>") == "250 2.1.5")
        #expect(client.say("DATA") == "354")
        #expect(client.session.recipients.map(\.description) == ["a@b.example", "c@d.example"])
        _ = client.session.received(SubmissionReply(250, "2.0.0", "OK"))
        #expect(client.session.recipients.isEmpty)
        #expect(client.say("MAIL FROM:<>") == "250 2.1.0")
        #expect(
            client.asked == [
                .authenticate(password: "p"), .receive(SubmissionReply(354, "End the message with a dot on a line of its own")), .renew,
            ])
        #expect(client.say("QUIT") == "!221 2.0.0")
    }

    private static let extensions: [(offersTLS: Bool, isLocal: Bool, underTLS: Bool, names: [String])] = [
        (true, false, false, ["STARTTLS"]), (true, true, false, ["STARTTLS", "AUTH PLAIN LOGIN"]),
        (true, false, true, ["AUTH PLAIN LOGIN"]),
        (false, false, false, []), (false, true, false, ["AUTH PLAIN LOGIN"]),
    ]

    @Test(arguments: extensions)
    func authenticationIsOfferedWherePasswordsAreSafe(_ row: (offersTLS: Bool, isLocal: Bool, underTLS: Bool, names: [String])) {
        var client = Dialogue(offersTLS: row.offersTLS, isLocal: row.isLocal)
        if row.underTLS { client.session.startedTLS() }
        guard case .reply(let reply) = client.session.received(.bytes(Array("EHLO x".utf8))) else { return #expect(Bool(false)) }
        #expect(reply.lines.prefix(6) == ["mx.example", "PIPELINING", "SIZE 1000", "8BITMIME", "SMTPUTF8", "ENHANCEDSTATUSCODES"])
        #expect(Array(reply.lines.dropFirst(6)) == row.names)
        #expect(reply.status == nil)
    }

    private static let logIns: [([String], [String])] = [
        (["AUTH PLAIN AHUAcA=="], ["235 2.7.0"]), (["AUTH PLAIN", "AHUAcA=="], ["334", "235 2.7.0"]),
        (["AUTH LOGIN", "dQ==", "cA=="], ["334", "334", "235 2.7.0"]), (["AUTH LOGIN dQ==", "cA=="], ["334", "235 2.7.0"]),
        (["AUTH LOGIN =", "cA=="], ["334", "235 2.7.0"]), (["AUTH LOGIN", "*"], ["334", "501 5.7.0"]), (["AUTH PLAIN ?"], ["501 5.5.2"]),
        (["AUTH PLAIN dQ=="], ["501 5.5.2"]), (["AUTH PLAIN AHUA"], ["501 5.5.2"]), (["AUTH CRAM-MD5"], ["504 5.5.4"]),
        (["AUTH PLAIN AHUAcA==", "AUTH PLAIN AHUAcA=="], ["235 2.7.0", "503 5.5.1"]), (["AUTH"], ["501 5.5.4"]),
        (["AUTH LOGIN", "not base64!", "NOOP"], ["334", "501 5.5.2", "250 2.0.0"]),
    ]

    @Test(arguments: logIns)
    func logInsFollowTheirMechanism(lines: [String], answers: [String]) {
        var client = Dialogue(isLocal: true)
        _ = client.say("EHLO x")
        #expect(lines.map { client.say($0) } == answers)
    }

    private static let sequences: [([String], String)] = [
        (["MAIL FROM:<a@b.example>"], "530 5.7.0"), (["EHLO x", "MAIL FROM:<a@b.example>"], "530 5.7.0"),
        (["RCPT TO:<a@b.example>"], "530 5.7.0"),
        (["DATA"], "530 5.7.0"), (["AUTH PLAIN AHUAcA=="], "503 5.5.1"), (["EHLO"], "501 5.5.4"), (["HELO x"], "250"),
        (["NOOP anything"], "250 2.0.0"),
        (["VRFY a"], "252 2.5.2"), (["EXPN a"], "502 5.5.1"), (["BDAT 1"], "502 5.5.1"), (["HELP"], "214 2.0.0"),
        (["GET / HTTP/1.1"], "500 5.5.2"),
        ([""], "500 5.5.2"), (["RSET"], "250 2.0.0"), (["RSET now"], "501 5.5.4"), (["STARTTLS"], "220 2.0.0"),
        (["STARTTLS", "STARTTLS"], "503 5.5.1"),
    ]

    @Test(arguments: sequences)
    func commandsHaveTheirPlace(lines: [String], answer: String) {
        var client = Dialogue(isLocal: true)
        #expect(lines.map { client.say($0) }.last == answer)
    }

    private static let mails: [(String, String)] = [
        ("MAIL FROM:<a@b.example> SIZE=1001", "552 5.3.4"), ("MAIL FROM:<a@b.example> SIZE=x", "501 5.5.4"),
        ("MAIL FROM:<a@b.example> SIZE=99999999999999999999999", "501 5.5.4"), ("MAIL FROM:<a@b.example> BODY=BINARYMIME", "555 5.5.4"),
        ("MAIL FROM:<a@b.example> RET=FULL", "555 5.5.4"), ("MAIL FROM a@b.example", "501 5.5.4"), ("MAIL FROM:a@b.example", "501 5.5.4"),
        ("MAIL FROM:<a@b.example>x", "501 5.5.4"), ("MAIL FROM:<\"a>b\"@b.example>", "250 2.1.0"), ("MAIL TO:<a@b.example>", "501 5.5.4"),
        ("RCPT TO:<a@b.example>", "503 5.5.1"), ("DATA", "503 5.5.1"),
    ]

    @Test(arguments: mails)
    func sendersHaveTheirParameters(line: String, answer: String) {
        var client = Dialogue(isLocal: true)
        client.logIn()
        #expect(client.say(line) == answer)
    }

    private static let recipients: [(String, String)] = [
        ("RCPT TO:<j\u{F6}rg@b.example>", "553 5.6.7"), ("RCPT TO:<a@b\u{FC}cher.example>", "250 2.1.5"),
        ("RCPT TO:<postmaster>", "553 5.1.3"),
        ("RCPT TO:<>", "553 5.1.3"), ("RCPT TO:<a@@b.example>", "553 5.1.3"), ("RCPT TO:<a@b.example> NOTIFY=NEVER", "555 5.5.4"),
        ("MAIL FROM:<a@b.example>", "503 5.5.1"), ("DATA", "554 5.5.1"),
    ]

    @Test(arguments: recipients)
    func recipientsAreAddresses(line: String, answer: String) {
        var client = Dialogue(isLocal: true)
        client.logIn()
        _ = client.say("MAIL FROM:<a@b.example>")
        #expect(client.say(line) == answer)
    }

    @Test func passwordsAreNotTakenInPlainText() {
        var client = Dialogue()
        _ = client.say("EHLO x")
        #expect(client.say("AUTH PLAIN AHUAcA==") == "538 5.7.11")
        #expect(client.asked.isEmpty)
    }

    @Test func nothingSaidBeforeTLSSurvivesIt() {
        var client = Dialogue(isLocal: true)
        client.logIn()
        _ = client.say("MAIL FROM:<a@b.example>")
        _ = client.say("RCPT TO:<a@b.example>")
        #expect(client.say("STARTTLS") == "220 2.0.0")
        #expect(client.session.recipients.isEmpty && client.session.clientName == nil)
        #expect(client.say("DATA") == "530 5.7.0")
        #expect(client.say("AUTH PLAIN AHUAcA==") == "503 5.5.1", "EHLO comes first again")
    }

    @Test func aKeyThatIsRevokedEndsWithTheNextMessage() {
        var client = Dialogue(isLocal: true)
        client.logIn()
        client.isKeyValid = false
        #expect(client.say("MAIL FROM:<a@b.example>") == "250 2.1.0", "the log-in itself was the check")
        _ = client.say("RSET")
        #expect(client.say("MAIL FROM:<a@b.example>") == "535 5.7.8")
        #expect(client.say("MAIL FROM:<a@b.example>") == "530 5.7.0")
    }

    @Test func aRefusedRecipientIsNoErrorOfTheSession() {
        var client = Dialogue(isLocal: true)
        client.logIn()
        _ = client.say("MAIL FROM:<a@b.example>")
        client.refusal = SubmissionReply(550, "5.1.2", "no")
        for number in 0..<20 { #expect(client.say("RCPT TO:<r\(number)@b.example>") == "550 5.1.2") }
    }

    @Test func recipientsAreBounded() {
        var client = Dialogue(isLocal: true) { $0.maximumRecipients = 3 }
        client.logIn()
        _ = client.say("MAIL FROM:<a@b.example>")
        #expect(
            (0..<5).map { client.say("RCPT TO:<r\($0)@b.example>") } == ["250 2.1.5", "250 2.1.5", "250 2.1.5", "452 4.5.3", "452 4.5.3"])
    }

    @Test func tenErrorsEndASession() {
        var client = Dialogue(isLocal: true)
        let answers = (0..<10).map { _ in client.say("GARBAGE") }
        #expect(answers == Array(repeating: "500 5.5.2", count: 9) + ["!421 4.7.0"])
    }

    @Test func clientsThatDoNotLogInAreSentAway() {
        var client = Dialogue()
        let answers = (0..<31).map { _ in client.say("NOOP") }
        #expect(answers == Array(repeating: "250 2.0.0", count: 30) + ["!421 4.7.0"])
    }

    private static let refusals: [(Refusal, String)] = [
        (Refusal(.quota, code: Gate.Reason.monthlyLimit.code, "m"), "550 5.7.1"),
        (Refusal(.quota, code: Gate.Reason.accountMonthlyLimit.code, "m"), "550 5.7.1"),
        (Refusal(.quota, code: Gate.Reason.dailyLimit.code, "d"), "452 4.2.2"),
        (Refusal(.quota, code: Gate.Reason.warmupLimit.code, "d"), "452 4.2.2"),
        (Refusal(.badFrom, "f"), "550 5.7.1"), (Refusal(.blocked, "b"), "550 5.7.1"), (Refusal(.badTo, "t"), "550 5.1.2"),
        (Refusal(.badTo, code: .recipientTakesNoMail, "n"), "556 5.1.10"),
        (Refusal(.conflict, code: .idempotencyConflict, "i"), "554 5.5.0"), (Refusal(.tooLarge, "l"), "552 5.3.4"),
        (Refusal.invalid("message", "line 3"), "554 5.6.0"), (Refusal(.unavailable, "u"), "451 4.3.0"),
    ]

    @Test(arguments: refusals)
    func refusalsHaveTheirReplies(refusal: Refusal, codes: String) {
        let reply = SubmissionReply(refusal)
        #expect("\(reply.code) \(reply.status ?? "")" == codes)
        #expect(reply.lines == [refusal.description])
    }

    @Test func repliesAreLinesOfPrintableASCII() {
        let reply = SubmissionReply(550, "5.7.1", lines: ["a\r\n250 OK", String(repeating: "ü", count: 1_000)])
        let lines = reply.encoded.split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(lines.count == 3 && lines[0] == "550-5.7.1 a??250 OK" && lines[1].utf8.count <= 510)
    }
}
