import Concurrency
import MailModel
import Testing

@testable import AmazonSES

private let domain = DomainName(validated: "example.com")

@Suite(.timeLimit(.minutes(1))) struct SESClientIdentitiesTests {
    @Test func `starts verification`() async throws {
        let (token, tokens) = try await withSES { request in
            switch parameters(request.body) {
            case ["Action": "VerifyDomainIdentity", "Version": "2010-12-01", "Domain": "example.com"]:
                xml("VerifyDomainIdentity", "<VerificationToken>QTKknzFg2J4ygwa+XvHAxUl1hyHoY0gVfZdfjIedHZ0=</VerificationToken>")
            case ["Action": "VerifyDomainDkim", "Version": "2010-12-01", "Domain": "example.com"]:
                xml("VerifyDomainDkim", "<DkimTokens><member>a</member>\n<member>b</member><member>c</member></DkimTokens>")
            default: .answer(400)
            }
        } _: {
            let token = try await $0.verifyDomainIdentity(domain)
            let tokens = try await $0.verifyDomainDKIM(domain)
            return (token, tokens)
        }
        #expect(token == "QTKknzFg2J4ygwa+XvHAxUl1hyHoY0gVfZdfjIedHZ0=")
        #expect(tokens == ["a", "b", "c"])
    }

    @Test(arguments: [DomainName(validated: "mail.example.com"), nil]) func `sets and takes away the MAIL FROM domain`(
        _ mailFrom: DomainName?
    ) async throws {
        try await withSES { request in
            var expected = [
                "Action": "SetIdentityMailFromDomain", "Version": "2010-12-01", "Identity": "example.com",
                "BehaviorOnMXFailure": "UseDefaultValue",
            ]
            expected["MailFromDomain"] = mailFrom?.description
            return parameters(request.body) == expected ? xml("SetIdentityMailFromDomain", "") : .answer(400)
        } _: {
            try await $0.setMailFrom(mailFrom, of: domain)
        }
    }

    @Test(arguments: SESVerification.Status.allCases) func `reads both statuses`(_ status: SESVerification.Status) async throws {
        let statuses = try await withSES { request in
            let form = parameters(request.body)
            guard form["Identities.member.1"] == "example.com" else { return .answer(400) }
            let element = form["Action"] == "GetIdentityDkimAttributes" ? "DkimVerificationStatus" : "VerificationStatus"
            let map = form["Action"] == "GetIdentityDkimAttributes" ? "DkimAttributes" : "VerificationAttributes"
            let entry = "<entry><key>example.com</key><value><\(element)>\(status.rawValue)</\(element)></value></entry>"
            return xml(form["Action"] ?? "", "<\(map)><entry><key>other.com</key><value/></entry>\(entry)</\(map)>")
        } _: {
            [try await $0.identityStatus(of: domain), try await $0.dkimStatus(of: domain)]
        }
        #expect(statuses == [status, status])
    }

    @Test(arguments: ["<VerificationAttributes/>", "<VerificationAttributes></VerificationAttributes>"])
    func `the status of an unknown domain is NotStarted`(_ content: String) async throws {
        let status = try await withSES({ _ in xml("GetIdentityVerificationAttributes", content) }) {
            try await $0.identityStatus(of: domain)
        }
        #expect(status == .notStarted)
    }

    @Test func `verifies and deletes an address`() async throws {
        try await withSES { request in
            switch parameters(request.body) {
            case ["Action": "VerifyEmailIdentity", "Version": "2010-12-01", "EmailAddress": "a+b@example.com"]:
                xml("VerifyEmailIdentity", "")
            case ["Action": "DeleteIdentity", "Version": "2010-12-01", "Identity": "a+b@example.com"]: xml("DeleteIdentity", "")
            default: .answer(400)
            }
        } _: { client in
            try await client.verifyEmailIdentity(EmailAddress(validated: "a+b@example.com"))
            try await client.deleteIdentity(EmailAddress(validated: "a+b@example.com"))
        }
    }

    @Test func `asks about many addresses at once`() async throws {
        let addresses = (1...100).map { EmailAddress(validated: "a\($0)@example.com") }
        let statuses = try await withSES { request in
            let form = parameters(request.body)
            guard form["Identities.member.1"] == "a1@example.com", form["Identities.member.100"] == "a100@example.com" else {
                return .answer(400)
            }
            let entries = [("a7@example.com", "Success"), ("a9@example.com", "Pending"), ("x@example.com", "Success")].map {
                "<entry><key>\($0)</key><value><VerificationStatus>\($1)</VerificationStatus></value></entry>"
            }
            return xml("GetIdentityVerificationAttributes", "<VerificationAttributes>\(entries.joined())</VerificationAttributes>")
        } _: {
            try await $0.identityStatuses(of: addresses)
        }
        #expect(statuses == [addresses[6]: .success, addresses[8]: .pending])
    }

    /// Of each holder one call waits in a queue of two: the second is refused before SES is asked.
    @Test func `calls wait for their turn, and too many are refused`() async throws {
        let calls = Shared(0)
        let hold = AsyncStream.makeStream(of: Void.self)
        let control = PacedQueue(interval: .seconds(1), burst: 1, capacity: 2, sleep: { _ in for await _ in hold.stream { return } })
        try await withSES(
            { _ in
                calls.update { $0 += 1 }
                return xml("GetIdentityVerificationAttributes", "<VerificationAttributes/>")
            }, control: control
        ) { client in
            #expect(try await client.identityStatus(of: domain) == .notStarted)
            async let waiting = client.identityStatus(of: domain)
            while control.count < 1 { await Task.yield() }
            let error = await #expect(throws: SESError.self) { try await client.identityStatus(of: domain) }
            #expect(error?.refusal?.kind == .unavailable && error?.refusal?.retryAfter == .seconds(1))
            hold.continuation.finish()
            _ = try await waiting
        }
        #expect(calls.value == 2)
    }

    @Test func `repeats calls while SES throttles`() async throws {
        let calls = Shared(0)
        let pauses = Shared<[Duration]>([])
        let token = try await withSES(
            { _ in
                calls.update { $0 += 1 } == () && calls.value < 4
                    ? failure(400, "Throttling", "Rate exceeded") : xml("VerifyDomainIdentity", "<VerificationToken>t</VerificationToken>")
            }, pause: { duration in pauses.update { $0.append(duration) } }
        ) { try await $0.verifyDomainIdentity(domain) }
        #expect(token == "t")
        #expect(calls.value == 4)
        for (pause, range) in zip(pauses.value, [0.8...1.2, 1.6...2.4, 3.2...4.8]) {
            #expect(range.contains(pause / .seconds(1)))
        }
    }

    @Test(arguments: [("Throttling", 400, 4), ("InvalidParameterValue", 400, 1), ("InternalFailure", 500, 1)])
    func `gives up with SES's error`(_ code: String, _ status: Int, _ attempts: Int) async throws {
        let calls = Shared(0)
        let error = try await withSES { _ in
            calls.update { $0 += 1 }
            return failure(status, code)
        } _: { client in
            await #expect(throws: SESError.self) { try await client.dkimStatus(of: domain) }
        }
        #expect(error?.code == code)
        #expect(calls.value == attempts)
    }
}
