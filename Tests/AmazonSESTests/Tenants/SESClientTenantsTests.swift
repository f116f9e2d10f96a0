import MailModel
import Testing

@testable import AmazonSES

private let arn = "arn:aws:ses:us-east-1:123456789012:tenant/acme/tn-0a1b"
private let tenant = SESTenant(name: "acme", arn: arn, sendingStatus: .enabled)
private let document =
    #"{"TenantName":"acme","TenantId":"tn-0a1b","TenantArn":"\#(arn)","SendingStatus":"ENABLED","CreatedTimestamp":1.7E9}"#

@Suite(.timeLimit(.minutes(1))) struct SESClientTenantsTests {
    @Test func `makes a tenant, or finds the one there is`() async throws {
        let calls = Shared<[String]>([])
        let made = try await withSES { request in
            calls.update { $0.append("\(request.method) \(request.target) \(request.body)") }
            if request.target == "/v2/email/tenants/get" { return .answer(200, #"{"Tenant":\#(document)}"#) }
            return calls.value.count == 1 ? .answer(200, document) : .typed(400, "AlreadyExistsException")
        } _: { client in
            let first = try await client.createTenant(named: "acme")
            let second = try await client.createTenant(named: "acme")
            return [first, second]
        }
        #expect(made == [tenant, tenant])
        let body = #"{"TenantName":"acme"}"#
        #expect(
            calls.value == [
                "POST /v2/email/tenants \(body)", "POST /v2/email/tenants \(body)", "POST /v2/email/tenants/get \(body)",
            ])
    }

    @Test(arguments: [
        (SESResource.identity("shop.example"), "identity/shop.example"), (.configurationSet("mail"), "configuration-set/mail"),
    ])
    func `associates a resource by its ARN, also again`(_ resource: SESResource, _ path: String) async throws {
        let bodies = Shared<[String]>([])
        try await withSES { request in
            bodies.update { $0.append(request.body) }
            return bodies.value.count == 1 ? .answer(200, "{}") : .typed(400, "AlreadyExistsException")
        } _: { client in
            try await client.associate(resource, with: tenant)
            try await client.associate(resource, with: tenant)
        }
        let body = #"{"TenantName":"acme","ResourceArn":"arn:aws:ses:us-east-1:123456789012:\#(path)"}"#
        #expect(bodies.value == [body, body])
    }

    @Test(arguments: ["", "arn:aws:ses", "arn:aws:sns:us-east-1:1:tenant/x", "arn:aws:ses::1:tenant/x"])
    func `an ARN that is none gives no other`(_ text: String) {
        #expect(SESResource.identity("a.example").arn(beside: text) == nil)
    }

    @Test func `reads the verdict on a tenant`() async throws {
        let target = Shared("")
        let verdict = try await withSES { request in
            target.update { $0 = request.target }
            return .answer(
                200,
                #"""
                {"ReputationEntity":{"ReputationEntityReference":"x","ReputationEntityType":"RESOURCE","SendingStatusAggregate":"DISABLED",
                "ReputationManagementPolicy":"arn:aws:ses:us-east-1:aws:reputation-policy/standard","ReputationImpact":"HIGH",
                "CustomerManagedStatus":{"Status":"ENABLED"},"AwsSesManagedStatus":{"Status":"DISABLED","Cause":"Complaints"}}}
                """#)
        } _: {
            try await $0.verdict(onTenant: arn)
        }
        #expect(
            verdict
                == ProviderVerdict(
                    status: .disabled, providerStatus: .disabled, providerCause: "Complaints", ownerStatus: .enabled, impact: "HIGH",
                    policy: "standard"))
        #expect(
            target.value
                == "/v2/email/reputation/entities/RESOURCE/arn%3Aaws%3Ases%3Aus-east-1%3A123456789012%3Atenant%2Facme%2Ftn-0a1b")
    }

    @Test(arguments: [
        (#"{"SendingOptions":{"SendingEnabled":false}}"#, false), (#"{"SendingOptions":{"SendingEnabled":true}}"#, true), ("{}", true),
    ])
    func `tells whether a configuration set sends`(_ answer: String, _ isEnabled: Bool) async throws {
        let found = try await withSES({ _ in .answer(200, answer) }) { try await $0.isSendingEnabled(configurationSet: "mail") }
        #expect(found == isEnabled)
    }
}
