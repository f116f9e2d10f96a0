import MailModel
import Testing

/// Refusals, their codes and the faults of fields.
struct RefusalTests {
    @Test(arguments: RefusalCode.allCases)
    func `a code is a word in snake case, with one sentence of remedy`(_ code: RefusalCode) {
        #expect(code.rawValue.wholeMatch(of: /[a-z]+(_[a-z]+)*/) != nil)
        #expect(code.remedy.hasSuffix(".") && !code.remedy.dropLast().contains(". "), "\(code.remedy)")
    }

    @Test(arguments: [
        (Refusal.Kind.unauthenticated, RefusalCode.unknownKey), (.tooManyFailures, .tooManyFailures), (.forbidden, .forbidden),
        (.notFound, .notFound), (.alreadyExists, .alreadyExists), (.conflict, .conflict), (.invalid, .invalidValue), (.tooLarge, .tooLarge),
        (.badFrom, .senderNotAllowed), (.badTo, .recipientRefused), (.blocked, .accountBlocked), (.quota, .dailyLimitExceeded),
        (.upstream, .providerError), (.unavailable, .unavailable),
    ])
    func `a refusal without a code has that of its kind`(kind: Refusal.Kind, code: RefusalCode) {
        #expect(Refusal(kind, "No").code == code)
        #expect(Refusal(kind, code: .conflict, "No").code == .conflict)
    }

    /// `increment` and `POST /emails` say the same word.
    @Test(
        arguments: [
            (.domainNotVerified, .domainNotVerified), (.accountBlocked, .accountBlocked), (.suspended, .outboundSuspended),
            (.dailyLimit, .dailyLimitExceeded), (.monthlyLimit, .monthlyLimitExceeded), (.warmupLimit, .warmupLimitExceeded),
            (.spike, .spikeDetected), (.dailyLimitSoft, nil), (.suspendedSoft, nil),
        ] as [(Gate.Reason, RefusalCode?)])
    func `the gate's reasons are codes`(reason: Gate.Reason, code: RefusalCode?) {
        #expect(reason.code == code)
    }

    @Test func `every faulty field is named`() {
        var refusal = Refusal.invalid("to", "expected an email address")
        #expect(refusal.faults == [FieldFault(field: "to", code: .invalidValue, message: "to: expected an email address")])
        #expect(refusal.description == "to: expected an email address")
        refusal.furtherFaults = Refusal.invalid("tags[1]", code: .wrongType, "expected text").faults
        #expect(refusal.faults.map(\.field) == ["to", "tags[1]"] && refusal.faults.map(\.code) == [.invalidValue, .wrongType])
        #expect(refusal.description == "to: expected an email address; tags[1]: expected text")
        #expect(Refusal.notFound("Domain").faults == [])
    }

    @Test func `a sentence names at most ten faults`() {
        var refusal = Refusal.invalid("a0", "no")
        refusal.furtherFaults = (1...30).map { FieldFault(field: "a\($0)", code: .invalidValue, message: "a\($0): no") }
        #expect(refusal.faults.count == 31)
        #expect(refusal.description.split(separator: ";").count == 10)
    }
}
