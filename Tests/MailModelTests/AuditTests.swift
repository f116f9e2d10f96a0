import Testing

@testable import MailModel

struct AuditTests {
    @Test(arguments: [
        ("domain:Shop.Example", AuditTarget.domain(DomainName(validated: "shop.example"))),
        ("domain:bücher.example", .domain(DomainName(validated: "xn--bcher-kva.example"))),
        ("account:acme: north", .account("acme: north")), ("key:7", .key(7)), ("template:welcome", .template("welcome")),
        ("sender:Ann@Shop.Example", .sender(EmailAddress(validated: "Ann@shop.example"))),
        ("recipient:Jane@customer.example", .recipient(EmailAddress(validated: "Jane@customer.example"))),
        ("recipient:5F1D", .named(.recipient, "5f1d")),
    ])
    func targetsAreRead(_ text: String, _ target: AuditTarget) {
        #expect(AuditTarget(text) == target)
    }

    @Test(arguments: ["", "domain", "domain:", ":shop.example", "shop.example", "planet:mars", "recipient:jane@"])
    func otherTextsAreNoTargets(_ text: String) {
        #expect(AuditTarget(text) == nil)
    }

    @Test(arguments: [
        ("master", AuditActorFilter.kind(.master)), ("system", .kind(.system)), ("key", .kind(.key)), ("key:7", .one(.key, 7)),
        ("user:12", .one(.user, 12)), ("key:0", nil), ("key:", nil), ("key:x", nil), ("master:1", nil), ("Ann", nil), ("", nil),
    ])
    func actorsAreRead(_ text: String, _ filter: AuditActorFilter?) {
        #expect(AuditActorFilter(text) == filter)
    }

    @Test(arguments: [
        ("domain.suspend", AuditActionFilter.one(.domainSuspend)), ("callback_secret", .subject("callback_secret")),
        ("domain", .subject("domain")), ("domain.", nil), ("suspend", nil), ("", nil),
    ])
    func actionsAreRead(_ text: String, _ filter: AuditActionFilter?) {
        #expect(AuditActionFilter(text) == filter)
    }

    @Test func everyActionHasASubjectAndAVerb() {
        for action in AuditAction.allCases {
            #expect(action.rawValue.wholeMatch(of: /[a-z_]+\.[a-z_]+/) != nil, "\(action.rawValue)")
        }
    }

    @Test func whatIsTheSameBeforeAndAfterIsNoChange() {
        var change = AuditChange(
            .keyUpdate, target: .key(7), account: 1, before: ["name": "Ann", "active": true], after: ["name": "Ann", "active": false])
        #expect(change.isChange && change.reduced.before == ["active": true] && change.reduced.after == ["active": false])
        change.after = change.before
        #expect(!change.isChange)
        #expect(AuditChange(.sessionEnd, target: .dashboard, account: nil).isChange)
    }

    @Test func whoActs() {
        #expect(AuditActor.principal(.master.calling(from: "192.0.2.7")) == AuditActor(kind: .master, name: "master", address: "192.0.2.7"))
        let account = Account(id: 3, reference: "acme", status: .ok, createdAt: Timestamp(milliseconds: 0))
        let key = APIKey(id: 7, account: account, name: "Ann", scopes: [.manage], expiresAt: nil, createdAt: Timestamp(milliseconds: 0))
        #expect(AuditActor.principal(.client(key)) == AuditActor(kind: .key, id: 7, name: "Ann"))
    }

    @Test(arguments: [
        ("jane@customer.example", "j***@customer.example"), ("j@customer.example", "***@customer.example"),
        ("\"a b\"@x.example", "\"***@x.example"),
    ])
    func addressesAreMasked(_ address: String, _ masked: String) {
        #expect(EmailAddress(validated: address).masked == masked)
    }

    @Test(arguments: [
        ("https://hooks.example/a/b", "https://hooks.example/a/b"), ("https://hooks.example/a?token=s3cret", "https://hooks.example/a?***"),
        ("https://hooks.example/a#s3cret", "https://hooks.example/a?***"),
        ("https://ann:s3cret@hooks.example/a@b", "https://hooks.example/a@b"), ("https://hooks.example", "https://hooks.example"),
    ])
    func callbackURLsAreMasked(_ url: String, _ masked: String) {
        #expect(CallbackURL.masked(url) == masked)
    }

    /// Rows of one transaction have one time.
    @Test func idsOfOneTimeSortByTheirSequence() {
        let time = Timestamp(milliseconds: 1_700_000_000_000)
        let sequences: [Int64] = [0, 1, 2, 1 << 12, 1 << 40, (1 << 41) - 1, 1 << 41, (1 << 41) + 1, 1 << 52, (1 << 53) - 1]
        let ids = sequences.map { AuditID(at: time, sequence: $0).bytes }
        #expect(ids == ids.sorted { $0.lexicographicallyPrecedes($1) })
        #expect(ids.allSatisfy { EmailID(bytes: $0)?.time == time && $0[6] >> 4 == 7 && $0[8] >> 6 == 2 })
        #expect(AuditID(at: time, sequence: 7) != AuditID(at: time, sequence: 7))
    }
}
