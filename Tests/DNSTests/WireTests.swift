import DNS
import TestSupport
import Testing

/// The system's resolver against a real server.
@Suite(.timeLimit(.minutes(1)))
struct WireTests {
    private static let questions: [(name: String, type: DNSRecordType, expected: DNSAnswer)] = [
        (
            "mail.example", .mx,
            .records([.mx(preference: 10, exchange: "mx1.mail.example"), .mx(preference: 20, exchange: "mx2.mail.example")])
        ),
        ("_dmarc.mail.example", .txt, .records([.txt("v=DMARC1; p=none")])), ("alias.example", .cname, .records([.cname("mail.example")])),
        ("alias.example", .txt, .records([.txt("behind the alias")])), ("mail.example", .a, .records([.a("192.0.2.7")])),
        ("empty.example", .mx, .noData), ("only-alias.example", .mx, .noData), ("nowhere.example", .mx, .noSuchName),
        ("broken.example", .mx, .failed(.serverFailure)), ("refused.example", .mx, .failed(.serverFailure)),
        ("silent.example", .mx, .failed(.noAnswer)), ("garbled.example", .txt, .failed(.malformed)),
    ]

    private static let table: NameServer.Table = { name, type in
        switch (name, DNSRecordType(rawValue: type)) {
        case ("mail.example", .mx):
            ([Packet.record(.mx, Packet.mx(10, "mx1.mail.example")), Packet.record(.mx, Packet.mx(20, "mx2.mail.example"))], 0)
        case ("mail.example", .a): ([Packet.record(.a, [192, 0, 2, 7])], 0)
        case ("_dmarc.mail.example", .txt): ([Packet.record(.txt, Packet.txt("v=DMARC1; ", "p=none"))], 0)
        case ("alias.example", .cname): ([Packet.record(.cname, Packet.name("mail.example"))], 0)
        case ("alias.example", .txt):
            (
                [
                    Packet.record(.cname, Packet.name("mail.example")),
                    Packet.record(.txt, Packet.txt("behind the alias"), name: Packet.name("mail.example")),
                ], 0
            )
        case ("only-alias.example", .mx): ([Packet.record(.cname, Packet.name("mail.example"))], 0)
        case ("empty.example", _): ([], 0)
        case ("broken.example", _): ([], 2)
        case ("refused.example", _): ([], 5)
        case ("silent.example", _): nil
        case ("garbled.example", _): ([Packet.record(.txt, [200, 65])], 0)
        default: ([], 3)
        }
    }

    @Test(arguments: questions.indices) func `what a server says`(number: Int) async throws {
        let (name, type, expected) = Self.questions[number]
        try await NameServer.run(Self.table) { server in
            let resolver = Resolver(nameserver: server.address, clock: { TestClock().now })
            #expect(await resolver.answer(to: name, type) == expected)
            resolver.close()
        }
    }

    /// A slow server holds some threads of the resolver, and nothing else.
    @Test func `many questions at once`() async throws {
        try await NameServer.run(Self.table) { server in
            let resolver = Resolver(nameserver: server.address, clock: { TestClock().now })
            await withTaskGroup(of: Void.self) { group in
                for number in 0..<100 {
                    group.addTask { #expect(await resolver.answer(to: "n\(number).example", .mx) == .noSuchName) }
                }
            }
            resolver.close()
        }
    }
}
