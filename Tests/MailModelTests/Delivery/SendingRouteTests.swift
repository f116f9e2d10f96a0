import MailModel
import Testing

struct SendingRouteTests {
    @Test(
        arguments: [
            ("shared:a,dedicated:b", [OutboundConfiguration.Tier.shared: "a", .dedicated: "b"]), ("dedicated: b", nil),
            (" dedicated:b ", [.dedicated: "b"]), ("shared:a,shared:b", nil), ("other:a", nil), ("shared", nil), ("shared:", nil),
            ("shared:a b", nil), ("shared:a,", nil),
        ] as [(String, [OutboundConfiguration.Tier: String]?)])
    func `reads the sets of the tiers`(_ text: String, _ sets: [OutboundConfiguration.Tier: String]?) {
        #expect(ConfigurationSets.tiers(text) == sets)
    }

    @Test func `a tier without a set has the common one`() {
        let sets = ConfigurationSets(common: "mail", byTier: [.dedicated: "own"])
        #expect(sets[.shared] == "mail" && sets[.dedicated] == "own" && !sets.isConstant && sets.names == ["mail", "own"])
        #expect(ConfigurationSets(common: "mail").isConstant && ConfigurationSets(common: "mail").names == ["mail"])
        #expect(ConfigurationSets().isConstant && ConfigurationSets().names == [])
    }

    @Test func `mail belongs to its tenant, its set and its identities`() {
        let route = SendingRoute(configurationSet: "mail", tenant: "acme")
        #expect(
            route.scopes(of: EmailAddress(validated: "A@News.shop.example")) == [
                .tenant("acme"), .configurationSet("mail"), .identity("a@news.shop.example"), .identity("news.shop.example"),
                .identity("shop.example"),
            ])
        for scope in route.scopes(of: EmailAddress(validated: "a@b.example")) {
            #expect(SendingScope(kind: scope.kind, name: scope.name) == scope)
        }
        #expect(SendingScope(kind: "pool", name: "x") == nil)
    }

    @Test(
        arguments: [
            (TenantSubject.account(36), "acme", "acme-a10"), (.domain(35), "news.shop.example", "news-shop-example-dz"),
            (.account(1), "Müller & Söhne_1", "M-ller---S-hne_1-a1"), (.domain(.max), String(repeating: "x", count: 100), nil),
        ] as [(TenantSubject, String, String?)])
    func `a tenant's name is one that SES takes`(_ subject: TenantSubject, _ label: String, _ name: String?) {
        let made = subject.tenantName(for: label)
        if let name { #expect(made == name) }
        #expect(ConfigurationSets.isName(made))
    }

    @Test func `a tenant is an account's or a domain's`() {
        var origin = SendingOrigin(sender: EmailAddress(validated: "a@b.example"), accountID: 1, domainID: 2)
        #expect(TenantMode.off.subject(of: origin) == nil)
        #expect(TenantMode.account.subject(of: origin) == .account(1))
        #expect(TenantMode.domain.subject(of: origin) == .domain(2))
        origin.domainID = nil
        #expect(TenantMode.domain.subject(of: origin) == .account(1), "a single sender has no domain")
    }
}
