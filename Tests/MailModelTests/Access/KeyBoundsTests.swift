import MailModel
import Testing

struct KeyBoundsTests {
    private static func domains(_ names: String...) -> [DomainName] { names.map(DomainName.init(validated:)) }
    private static func networks(_ texts: String...) -> [IPNetwork] { texts.compactMap(IPNetwork.init) }
    private static let time = Timestamp(milliseconds: 1_781_524_800_000)

    @Test(
        arguments: [
            ([], "shop.example", nil, true), (["shop.example"], "shop.example", "shop.example", true),
            (["shop.example"], "other.example", "other.example", false),
            // A single verified sender counts for no domain.
            (["mail.example"], "mail.example", nil, true), (["shop.example"], "mail.example", nil, false),
            // Below a domain of the account.
            (["shop.example"], "news.shop.example", "shop.example", true),
            (["news.shop.example"], "news.shop.example", "shop.example", true),
            (["news.shop.example"], "shop.example", "shop.example", false),
            (["shop.example"], "news.shop.example", "news.shop.example", false),
        ] as [([String], String, String?, Bool)])
    func `a key sends from its domains`(bound: [String], from: String, counted: String?, isAllowed: Bool) {
        let bounds = KeyBounds(domains: bound.map(DomainName.init(validated:)))
        let counted = counted.map(DomainName.init(validated:))
        #expect(bounds.allowSending(from: DomainName(validated: from), countedFor: counted) == isAllowed)
    }

    @Test(
        arguments: [
            ([], "203.0.113.1", true), ([], "local", true), (["192.0.2.0/24"], "192.0.2.9", true),
            (["192.0.2.0/24"], "::ffff:192.0.2.9", true),
            (["192.0.2.0/24"], "192.0.3.1", false), (["192.0.2.0/24"], "local", false),
            (["2001:db8::/32", "192.0.2.1"], "2001:db8::1", true),
            (["2001:db8::/32"], "2001:db9::1", false),
        ] as [([String], String, Bool)])
    func `a key is used from its addresses`(bound: [String], address: String, isAllowed: Bool) {
        #expect(KeyBounds(networks: bound.compactMap(IPNetwork.init)).allowUse(from: address) == isAllowed)
    }

    private static let all = KeyRights(scopes: Set(Scope.allCases))
    private static let bound = KeyRights(
        scopes: [.send, .manage],
        bounds: KeyBounds(domains: domains("a.example", "b.example"), networks: networks("10.0.0.0/8", "2001:db8::/32"), rateLimit: 10),
        expiresAt: time)

    private static let changes: [(String, KeyRights.Kind?, @Sendable (inout KeyRights) -> Void)] = [
        ("the same", nil, { _ in }), ("fewer scopes", nil, { $0.scopes = [.send] }), ("another scope", .scopes, { $0.scopes = [.read] }),
        ("a domain of both", nil, { $0.bounds.domains = domains("b.example") }),
        ("another domain", .domains, { $0.bounds.domains = domains("a.example", "c.example") }),
        ("a domain below", .domains, { $0.bounds.domains = domains("x.a.example") }), ("any domain", .domains, { $0.bounds.domains = [] }),
        ("a part of the addresses", nil, { $0.bounds.networks = networks("10.1.0.0/16", "10.0.0.1", "2001:db8:1::/48") }),
        ("the other addresses too", .networks, { $0.bounds.networks = networks("10.0.0.0/7") }),
        ("another address", .networks, { $0.bounds.networks = networks("10.0.0.1", "192.0.2.1") }),
        ("addresses of the other family", .networks, { $0.bounds.networks = networks("::/0") }),
        ("any address", .networks, { $0.bounds.networks = [] }), ("a lower rate", nil, { $0.bounds.rateLimit = 1 }),
        ("a higher rate", .rateLimit, { $0.bounds.rateLimit = 11 }), ("any rate", .rateLimit, { $0.bounds.rateLimit = nil }),
        ("an earlier end", nil, { $0.expiresAt = time - .seconds(1) }), ("a later end", .expiry, { $0.expiresAt = time + .seconds(1) }),
        ("no end", .expiry, { $0.expiresAt = nil }),
    ]

    @Test(arguments: changes.indices)
    func `rights include others that exceed them in nothing`(index: Int) {
        let (name, kind, change) = Self.changes[index]
        var other = Self.bound
        change(&other)
        #expect(Self.bound.firstExceeded(by: other) == kind, "\(name)")
        #expect(Self.all.firstExceeded(by: other) == nil, "a key without bounds includes all")
    }

    @Test func `changes leave what they do not name`() {
        let account = Account(id: 1, reference: "acme", status: .ok, createdAt: Self.time)
        let key = APIKey(
            id: 1, account: account, name: "Ann", scopes: [.send], bounds: Self.bound.bounds, expiresAt: Self.time, createdAt: Self.time)
        #expect(KeyChanges().applied(to: key) == key)
        var changes = KeyChanges()
        changes.domains = []
        changes.rateLimit = .some(nil)
        changes.expiresAt = .some(nil)
        let changed = changes.applied(to: key)
        #expect(changed.bounds == KeyBounds(networks: Self.bound.bounds.networks) && changed.expiresAt == nil && changed.name == "Ann")
    }

    @Test(
        arguments: [
            (["shop.example", "Shop.Example."], ["shop.example"]), (["bücher.example"], ["xn--bcher-kva.example"]), ([], []),
        ] as [([String], [String])])
    func `domains are read as names of domains`(texts: [String], read: [String]) throws {
        #expect(try KeyBounds.domains(texts).map(\.description) == read)
    }

    @Test(
        arguments: [
            (["192.0.2.7", "192.0.2.7/32", "10.0.0.0/8"], ["192.0.2.7", "10.0.0.0/8"]), (["2001:DB8:0::/32"], ["2001:db8::/32"]),
            (["::ffff:10.0.0.0/104", "::ffff:192.0.2.1"], ["10.0.0.0/8", "192.0.2.1"]), (["::/0"], ["::/0"]),
        ] as [([String], [String])])
    func `addresses are read as networks`(texts: [String], read: [String]) throws {
        #expect(try KeyBounds.networks(texts).map(\.description) == read)
    }

    @Test func `what cannot be read is named`() {
        let refusals: [(String, () throws -> Void)] = [
            ("domains[1]", { _ = try KeyBounds.domains(["a.example", "-"]) }),
            ("allowed_ips[0]", { _ = try KeyBounds.networks(["10.0.0.1/8"]) }),
            ("allowed_ips", { _ = try KeyBounds.networks(Array(repeating: "10.0.0.1", count: 101)) }),
            ("domains", { _ = try KeyBounds.domains(Array(repeating: "a.example", count: 101)) }),
            ("rate_limit", { _ = try KeyBounds.rateLimit(0) }), ("rate_limit", { _ = try KeyBounds.rateLimit(100_001) }),
        ]
        for (field, read) in refusals {
            let refusal = #expect(throws: Refusal.self) { try read() }
            #expect(refusal?.kind == .invalid && refusal?.field == field)
        }
    }
}
