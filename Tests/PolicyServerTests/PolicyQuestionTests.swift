import MailModel
import PolicyServer
import Testing

/// The rules with each way to count combined with each source of the domain.
let allRules = PolicyRules.Count.allCases.flatMap { count in
    PolicyRules.DomainSource.allCases.map { domain in rules { ($0.count, $0.domain) = (count, domain) } }
}

func rules(_ change: (inout PolicyRules) -> Void = { _ in }) -> PolicyRules {
    var rules = PolicyRules()
    change(&rules)
    return rules
}

struct PolicyQuestionTests {
    @Test(arguments: [
        (PolicyRules.Count.recipients, "DATA", Int64(5)), (.recipients, "END-OF-MESSAGE", 5), (.recipients, "RCPT", 0),
        (.messages, "DATA", 1), (.messages, "END-OF-MESSAGE", 1), (.messages, "RCPT", 0),
        (.rcpt, "RCPT", 1), (.rcpt, "DATA", 0), (.rcpt, "END-OF-MESSAGE", 0),
        (.recipients, "CONNECT", 0), (.recipients, "EHLO", 0), (.recipients, "MAIL", 0), (.recipients, "VRFY", 0),
        (.recipients, "data", 0), (.rcpt, "", 0),
    ])
    func requestsCountInOneStateOnly(count: PolicyRules.Count, state: String, expected: Int64) {
        let request = PolicyRequest.sample { ($0.protocolState, $0.recipientCount) = (state, 5) }
        #expect((charge(rules { $0.count = count }, request)?.recipients ?? 0) == expected)
    }

    @Test(arguments: [(Int64(0), Int64(1)), (1, 1), (50, 50), (.max, 100_000)])
    func recipientsAreBounded(sent: Int64, counted: Int64) {
        #expect(charge(rules(), .sample { $0.recipientCount = sent })?.recipients == counted)
    }

    @Test(arguments: [
        (PolicyRules.DomainSource.sender, "news@shop.example", "", "shop.example"),
        (.sender, "news@Shop.EXAMPLE", "me@other.example", "shop.example"),
        (.sender, "\"a@b\"@shop.example", "", "shop.example"),
        (.sender, "a@bücher.example", "", "xn--bcher-kva.example"),
        (.sender, "", "me@other.example", "other.example"),
        (.sasl, "news@shop.example", "me@other.example", "other.example"),
        (.sasl, "", "me@other.example", "other.example"),
    ])
    func theDomainIsThatOfSenderOrLogin(source: PolicyRules.DomainSource, sender: String, login: String, domain: String) {
        let request = PolicyRequest.sample { ($0.sender, $0.saslUsername) = (sender, login) }
        #expect(charge(rules { $0.domain = source }, request)?.domain.description == domain)
    }

    @Test(arguments: [
        (PolicyRules.DomainSource.sender, "", "", PolicyQuestion.nothing), (.sasl, "", "", .nothing), (.sasl, "", "me", .noDomain),
        (.sender, "", "me", .noDomain), (.sasl, "news@shop.example", "", .noDomain), (.sasl, "news@shop.example", "me", .noDomain),
        (.sender, "news", "", .noDomain), (.sender, "news@", "", .noDomain), (.sender, "news@localhost", "", .noDomain),
        (.sender, "news@[192.0.2.1]", "", .noDomain), (.sender, "news@-.example", "", .noDomain), (.sender, "", "me@", .noDomain),
    ])
    func requestsWithoutADomain(source: PolicyRules.DomainSource, sender: String, login: String, question: PolicyQuestion) {
        let request = PolicyRequest.sample { ($0.sender, $0.saslUsername) = (sender, login) }
        #expect(rules { $0.domain = source }.question(in: request) == question)
    }

    @Test func theKeyIdentifiesTheMessage() {
        let atData = charge(rules(), .sample())?.key
        #expect(atData?.count == 16)
        #expect(charge(rules(), .sample { ($0.protocolState, $0.recipient) = ("END-OF-MESSAGE", "") })?.key == atData)
        #expect(charge(rules(), .sample { $0.instance = "2" })?.key != atData)
        #expect(charge(rules(), .sample { $0.sender = "news@other.example" })?.key != atData)
        #expect(charge(rules(), .sample { $0.instance = "" }).map { $0.key == nil } == true)
    }

    @Test func theKeyAtRCPTIdentifiesTheRecipientToo() {
        let perRecipient = rules { $0.count = .rcpt }
        let first = charge(perRecipient, .sample { $0.protocolState = "RCPT" })?.key
        let second = charge(perRecipient, .sample { ($0.protocolState, $0.recipient) = ("RCPT", "other@customer.example") })?.key
        #expect(first != nil && first != second)
    }

    private func charge(_ rules: PolicyRules, _ request: PolicyRequest) -> PolicyCharge? {
        guard case .charge(let charge) = rules.question(in: request) else { return nil }
        return charge
    }
}
