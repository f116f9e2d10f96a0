import DNS
import MailModel
import Sending
import Storage
import TestSupport
import Testing

/// The results of a batch stand in the order of its requests, whatever each of them waited for.
@Suite(.timeLimit(.minutes(2)))
struct BatchOrderTests {
    /// What an item of a batch waits for, and its result.
    enum Item: Int, CaseIterable {
        /// Accepted without waiting for anything.
        case accepted
        /// Refused by its own content, at once.
        case invalid
        /// Refused by its role address, at once.
        case role
        case acceptedAfterOneTurn
        case acceptedAfterManyTurns
        case refusedAfterOneTurn
        case refusedAfterManyTurns
        /// The template is read from storage.
        case templated
        case unknownTemplate
        /// Refused in the transaction.
        case ofAnotherSender

        var domain: String { "\(self).example".lowercased() }

        func request(_ number: Int) -> EmailRequest {
            var request = EmailRequest(to: "r\(number)@\(domain)", from: "news@shop.example", text: "t\(number)", subject: "s")
            switch self {
            case .invalid: request.to = "r\(number)"
            case .role: request.to = "postmaster@n\(number).example"
            case .templated: (request.text, request.subject, request.template) = ("", "", "welcome")
            case .unknownTemplate: (request.text, request.subject, request.template) = ("", "", "t\(number)")
            case .ofAnotherSender: request.from = "news@n\(number).example"
            default: break
            }
            return request
        }

        var refusal: Refusal.Kind? {
            switch self {
            case .accepted, .acceptedAfterOneTurn, .acceptedAfterManyTurns, .templated: nil
            case .invalid, .unknownTemplate: .invalid
            case .role, .refusedAfterOneTurn, .refusedAfterManyTurns: .badTo
            case .ofAnotherSender: .badFrom
            }
        }
    }

    private static let recipientChecks = RecipientChecks(roleAddresses: .refuse, requireMX: .refuse) { domain in
        let name = domain.description
        let turns = name.contains("oneturn") ? 1 : name.contains("manyturns") ? 20 : 0
        for _ in 0..<turns { await Task.yield() }
        return name.hasPrefix("refused") ? .refuses("\(domain) takes no mail") : .accepts
    }

    @Test(arguments: [1, 2, 10, 150])
    func `the results stand in the order of the requests`(_ size: Int) async throws {
        try await withStore { store in
            let domain = try await store.makeDomain("shop.example")
            let account = try #require(try await store.read { try $0.accounts.find(domain.accountID) })
            let texts = TemplateService.Texts(subject: "s", text: "welcome", html: nil)
            _ = try await TemplateService(store: store).create("welcome", texts, of: account, by: .master)
            let submission = Submission(store: store, gate: Gate(), recipientChecks: Self.recipientChecks)
            for round in 0..<Item.allCases.count {
                let items = (0..<size).map { Item.allCases[($0 * 7 + round) % Item.allCases.count] }
                let requests = items.enumerated().map { $1.request($0) }
                let results = await submission.accept(requests, by: .master)
                #expect(results.count == size)
                for (number, (item, result)) in zip(items, results).enumerated() {
                    Self.check(result, of: item, requests[number], at: number)
                }
            }
        }
    }

    private static func check(_ result: Result<Submission.Acceptance, any Error>, of item: Item, _ request: EmailRequest, at number: Int) {
        switch result {
        case .success(let acceptance):
            #expect(item.refusal == nil, "\(number): \(item)")
            #expect(acceptance.email.recipient.description == request.to, "\(number): \(item)")
            #expect(acceptance.email.content.text == (request.template ?? request.text), "\(number): \(item)")
        case .failure(let error):
            let refusal = error as? Refusal
            #expect(refusal?.kind == item.refusal, "\(number): \(item): \(error)")
            if [.refusedAfterOneTurn, .refusedAfterManyTurns].contains(item) {
                #expect(refusal?.explanation.hasSuffix("\(item.domain) takes no mail") == true, "\(number): \(item)")
            }
        }
    }
}
