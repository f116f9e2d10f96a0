import Access
import Hummingbird
import JSON
import MailModel
import Outbound
import Storage
import TestSupport
import Testing

@testable import SESAPI

@Suite(.timeLimit(.minutes(1)))
struct AccountTests {
    @Test(
        arguments: [
            // daily, monthly, sent today, sent this month, expected
            (0, 0, 0, 0, -1.0), (100, 0, 10, 10, 100), (0, 1000, 10, 400, 610), (100, 1000, 10, 950, 60), (100, 1000, 10, 1000, 10),
            (100, 1000, 10, 2000, 10),
        ] as [(Int64, Int64, Int64, Int64, Double)])
    func `a quota in SES's terms`(_ daily: Int64, _ monthly: Int64, _ today: Int64, _ month: Int64, _ expected: Double) {
        var limits = AccountLimits()
        (limits.dailyLimit, limits.monthlyLimit) = (daily, monthly)
        let quota = AccountQuota(accountID: 1, limits: limits, sentToday: today, sentThisMonth: month)
        let view = SendQuotaView(quota, rate: nil)
        #expect(view.maximum == expected)
        #expect(view.sent == Double(today))
        #expect(view.rate == 100_000)
        #expect(SendQuotaView(quota, rate: 14).rate == 14)
    }

    @Test func `the account's own limits`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey { $0.rateLimit = 50 }
            var changes = AccountLimitsChanges()
            changes.dailyLimit = 200
            try await ses.routes.accounts.updateLimits(of: "acme", changes, by: .master)
            let first = try await ses.query("GetSendQuota", with: key)
            #expect(first.element("Max24HourSend") == "200.0")
            #expect(first.element("MaxSendRate") == "50.0")
            #expect(first.element("SentLast24Hours") == "0.0")
            let second = try await ses.rest(.get, "/account", with: key)
            #expect(second.object["SendingEnabled"]?.boolValue == true)
            #expect(second.object["EnforcementStatus"]?.stringValue == "HEALTHY")
            #expect(second.object["SendQuota"]?.objectValue?["Max24HourSend"]?.doubleValue == 200)
        }
    }

    @Test func `identities are the account's domains and senders`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey()
            let other = try await ses.makeKey(of: "other")
            let first = try await ses.query("VerifyDomainIdentity", [("Domain", "Shop.Example")], with: key)
            #expect(first.element("VerificationToken")?.isEmpty == false, "\(first.text)")
            let dkim = try await ses.query("VerifyDomainDkim", [("Domain", "shop.example")], with: key)
            #expect(dkim.text.matches(of: /<member>/).count == 3)
            #expect(try await ses.query("VerifyEmailIdentity", [("EmailAddress", "ann@single.example")], with: key).status == 200)
            let asked = [
                ("Identities.member.1", "shop.example"), ("Identities.member.2", "ann@single.example"),
                ("Identities.member.3", "unknown.example"),
            ]
            let status = try await ses.query("GetIdentityVerificationAttributes", asked, with: key)
            #expect(status.text.matches(of: /<entry>/).count == 2, "\(status.text)")
            #expect(status.text.contains("<key>shop.example</key><value><VerificationStatus>Success</VerificationStatus></value>"))
            #expect(try await ses.query("GetIdentityDkimAttributes", asked, with: key).element("DkimVerificationStatus") == "Success")
            #expect(try await ses.query("GetIdentityVerificationAttributes", asked, with: other).text.matches(of: /<entry>/).isEmpty)
            let page = try await ses.query("ListIdentities", [("MaxItems", "1")], with: key)
            #expect(page.element("member") == "shop.example")
            let next = try #require(page.element("NextToken"))
            let rest = try await ses.query("ListIdentities", [("MaxItems", "1"), ("NextToken", next)], with: key)
            #expect(rest.element("member") == "ann@single.example")
            #expect(rest.element("NextToken") == nil)
            #expect(try await ses.query("ListIdentities", [("NextToken", "z")], with: key).code == "InvalidParameterValue")
            let domains = try await ses.query("ListIdentities", [("IdentityType", "Domain")], with: key)
            #expect(domains.text.matches(of: /<member>/).count == 1)
            #expect(try await ses.query("DeleteIdentity", [("Identity", "ann@single.example")], with: key).status == 200)
            #expect(try await ses.query("DeleteIdentity", [("Identity", "ann@single.example")], with: key).status == 200)
        }
    }

    @Test func `identities in version 2`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey()
            let made = try await ses.rest(.post, "/identities", #"{"EmailIdentity": "shop.example"}"#, with: key)
            #expect(made.status == 200, "\(made.text)")
            #expect(made.object["IdentityType"]?.stringValue == "DOMAIN")
            #expect(made.object["DkimAttributes"]?.objectValue?["Tokens"]?.arrayValue?.count == 3)
            let again = try await ses.rest(.post, "/identities", #"{"EmailIdentity": "shop.example"}"#, with: key)
            #expect(again.code == "AlreadyExistsException")
            let found = try await ses.rest(.get, "/identities/shop.example", with: key)
            #expect(found.object["VerifiedForSendingStatus"]?.boolValue == true, "\(found.text)")
            let sender = try await ses.rest(.post, "/identities", #"{"EmailIdentity": "ann@single.example"}"#, with: key)
            #expect(sender.object["IdentityType"]?.stringValue == "EMAIL_ADDRESS")
            #expect(try await ses.rest(.get, "/identities/ann%40single.example", with: key).status == 200)
            let list = try await ses.rest(.get, "/identities?PageSize=10", with: key)
            #expect(list.object["EmailIdentities"]?.arrayValue?.count == 2, "\(list.text)")
            let own = try await ses.rest(
                .post, "/identities", #"{"EmailIdentity": "b.example", "DkimSigningAttributes": {"x": 1}}"#, with: key)
            #expect(own.code == "BadRequestException")
            #expect(try await ses.rest(.delete, "/identities/shop.example", with: key).status == 200)
            let gone = try await ses.rest(.delete, "/identities/shop.example", with: key)
            #expect(gone.code == "NotFoundException")
            #expect(gone.status == 404)
        }
    }

    @Test func `suppressed destinations`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey()
            let other = try await ses.makeKey(of: "other")
            let path = "/suppression/addresses"
            for (address, reason) in [("eva@reader.example", "BOUNCE"), ("bob@reader.example", "COMPLAINT")] {
                let answer = try await ses.rest(.put, path, #"{"EmailAddress": "\#(address)", "Reason": "\#(reason)"}"#, with: key)
                #expect(answer.status == 200, "\(answer.text)")
            }
            #expect(
                try await ses.rest(.put, path, #"{"EmailAddress": "eva@reader.example", "Reason": "OTHER"}"#, with: key).code
                    == "BadRequestException")
            let found = try await ses.rest(.get, "\(path)/eva%40reader.example", with: key)
            let destination = found.object["SuppressedDestination"]?.objectValue
            #expect(destination?["Reason"]?.stringValue == "BOUNCE", "\(found.text)")
            #expect(destination?["LastUpdateTime"]?.doubleValue == Double(ses.clock.now.milliseconds) / 1000)
            #expect(try await ses.rest(.get, "\(path)/eva%40reader.example", with: other).code == "NotFoundException")
            let first = try await ses.rest(.get, "\(path)?PageSize=1", with: key)
            #expect(first.object["SuppressedDestinationSummaries"]?.arrayValue?.count == 1)
            let token = try #require(first.object["NextToken"]?.stringValue)
            let second = try await ses.rest(.get, "\(path)?PageSize=1&NextToken=\(token)", with: key)
            #expect(second.object["SuppressedDestinationSummaries"]?.arrayValue?.count == 1)
            #expect(second.object["NextToken"] == nil)
            for (query, count) in [("Reason=BOUNCE", 1), ("Reason=BOUNCE&Reason=COMPLAINT", 2)] {
                let list = try await ses.rest(.get, "\(path)?\(query)", with: key)
                #expect(list.object["SuppressedDestinationSummaries"]?.arrayValue?.count == count, "\(query) \(list.text)")
            }
            #expect(try await ses.rest(.delete, "\(path)/eva%40reader.example", with: key).status == 200)
            #expect(try await ses.rest(.delete, "\(path)/eva%40reader.example", with: key).status == 404)
        }
    }
}
