import DNS
import MailModel
import Storage
import TestSupport
import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct RecipientChecksTests {
    private func checks(roles: RecipientCheck = .off, mx: RecipientCheck = .off) -> RecipientChecks {
        RecipientChecks(roleAddresses: roles, requireMX: mx) { domain in
            switch domain.description {
            case "good.example": .accepts
            case "down.example": .unknown
            case "null.example": .nullMX("\(domain) takes no mail")
            default: .refuses("\(domain) takes no mail")
            }
        }
    }

    struct Case: Sendable {
        var to: String
        var roles = RecipientCheck.off
        var mx = RecipientCheck.off
        var warnings = 0
        var isRefused = false
        var code = RefusalCode.recipientRefused
    }

    static let cases = [
        Case(to: "postmaster@bad.example"), Case(to: "ann@good.example", roles: .refuse, mx: .refuse),
        Case(to: "Abuse@good.example", roles: .warn, warnings: 1), Case(to: "noc+x@good.example", roles: .refuse, isRefused: true),
        Case(to: "friends-request@good.example", roles: .refuse, isRefused: true), Case(to: "nocturne@good.example", roles: .refuse),
        Case(to: "ann@bad.example", mx: .warn, warnings: 1), Case(to: "ann@bad.example", mx: .refuse, isRefused: true),
        Case(to: "ann@down.example", mx: .refuse), Case(to: "noc@bad.example", roles: .warn, mx: .warn, warnings: 2),
        Case(to: "noc@bad.example", roles: .warn, mx: .refuse, warnings: 1, isRefused: true),
        Case(to: "ann@null.example", mx: .refuse, isRefused: true, code: .recipientTakesNoMail),
        Case(to: "ann@null.example", mx: .warn, warnings: 1),
        Case(to: "bounce@simulator.martlet.test", roles: .refuse, mx: .refuse),
        Case(to: "bounce@simulator.amazonses.com", roles: .refuse, mx: .refuse),
    ]

    @Test(arguments: cases) func `warnings and refusals of a recipient`(_ expected: Case) async {
        let result = await checks(roles: expected.roles, mx: expected.mx).check(EmailAddress(validated: expected.to))
        #expect(result.warnings.count == expected.warnings)
        #expect(result.refusal?.code == (expected.isRefused ? expected.code : nil))
        #expect((result.warnings + [result.refusal?.explanation].compactMap(\.self)).allSatisfy { $0.hasPrefix("to: ") })
    }

    @Test func `a silent DNS does not stop mail`() async {
        let checks = RecipientChecks(roleAddresses: .off, requireMX: .refuse, patience: .milliseconds(10)) { _ in
            await withTaskCancellationHandler {
                let (stream, _) = AsyncStream<Never>.makeStream()
                for await _ in stream {}
            } onCancel: {
            }
            return .refuses("too late")
        }
        #expect(await checks.check(EmailAddress(validated: "a@b.example")) == RecipientCheckResult())
    }

    @Test func `a refused recipient is BAD_TO and nothing is stored`() async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let submission = Submission(store: store, gate: Gate(), recipientChecks: checks(roles: .warn, mx: .refuse))
            let request = { (to: String) in EmailRequest(to: to, from: "news@shop.example", text: "hello", subject: "Hi") }
            let error = await #expect(throws: Refusal.self) { try await submission.accept(request("a@bad.example"), by: .master) }
            #expect(error?.emailStatus == .badTo)
            #expect(try await store.read { try $0.domains.find(named: domain.name)?.counters.sentToday } == 0)
            let refusal = await #expect(throws: Refusal.self) {
                var copied = request("noc@good.example")
                copied.bcc = ["b@good.example", "a@bad.example"]
                return try await submission.accept(copied, by: .master)
            }
            #expect(refusal?.emailStatus == .badTo && refusal?.field == "bcc[1]")
            #expect(refusal?.explanation.hasPrefix("bcc[1]: ") == true)
            let warned = try await submission.accept(request("noc@good.example"), by: .master)
            #expect(warned.email.status == .queued)
            #expect(warned.note?.contains("role address") == true)
        }
    }

    /// The first answer is repeated although the DNS has changed.
    @Test func `an idempotency key outlives a change in the DNS`() async throws {
        try await withStore { store in
            _ = try await store.makeDomain("shop.example")
            var request = EmailRequest(to: "a@bad.example", from: "news@shop.example", text: "hello", subject: "Hi")
            (request.idempotencyKey, request.fingerprint) = ("k", [1])
            let first = try await Submission(store: store, gate: Gate()).accept(request, by: .master)
            let second = try await Submission(store: store, gate: Gate(), recipientChecks: checks(mx: .refuse)).accept(
                request, by: .master)
            #expect(second.email.id == first.email.id)
        }
    }
}
