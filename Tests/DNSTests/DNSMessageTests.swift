import DNS
import TestSupport
import Testing

struct DNSMessageTests {
    private static let cases: [(record: [UInt8], expected: DNSRecord)] = [
        (Packet.record(.a, [192, 0, 2, 1]), .a("192.0.2.1")),
        (Packet.record(.aaaa, [0x20, 1, 0x0D, 0xB8] + Array(repeating: 0, count: 11) + [1]), .aaaa("2001:db8:0:0:0:0:0:1")),
        (Packet.record(.cname, Packet.name("Target.Example")), .cname("target.example")),
        (Packet.record(.cname, [1, UInt8(ascii: "a"), 0xC0, 12]), .cname("a.example.com")),
        (Packet.record(.cname, [3, UInt8(ascii: "."), 0, 200, 0]), .cname(#"\046\000\200"#)),
        (Packet.record(.mx, Packet.mx(10, "mx1.example.net")), .mx(preference: 10, exchange: "mx1.example.net")),
        (Packet.record(.mx, Packet.uint16(0) + [0]), .mx(preference: 0, exchange: "")),
        (
            Packet.record(.mx, Packet.uint16(5) + [2, UInt8(ascii: "m"), UInt8(ascii: "x"), 0xC0, 12]),
            .mx(preference: 5, exchange: "mx.example.com")
        ),
        (Packet.record(.txt, Packet.txt("v=spf1 ", "-all")), .txt("v=spf1 -all")), (Packet.record(.txt, Packet.txt("")), .txt("")),
        (Packet.record(.txt, Packet.txt("Grüße")), .txt("Grüße")),
    ]

    @Test(arguments: cases.indices) func `each type of record`(number: Int) throws {
        let message = try DNSMessage(parsing: Packet.answer(records: [Self.cases[number].record]))
        #expect(message.records == [Self.cases[number].expected])
        #expect(message.timeToLive == 300)
    }

    @Test func `the shortest time to live holds for all, and other types and classes are passed over`() throws {
        var other = Packet.record(.a, [1, 2, 3, 4], lifetime: 1)
        other[5] = 3
        let message = try DNSMessage(
            parsing: Packet.answer(records: [
                Packet.record(.cname, Packet.name("a.b"), lifetime: 60), other,
                [0xC0, 12] + Packet.uint16(99) + Packet.uint16(1) + Packet.uint32(90) + Packet.uint16(2) + [1, 2],
                Packet.record(.txt, Packet.txt("x"), lifetime: 120),
            ]))
        #expect(message.records == [.cname("a.b"), .txt("x")])
        #expect(message.timeToLive == 60)
        #expect(try DNSMessage(parsing: Packet.answer(records: [Packet.record(.txt, [0], lifetime: 0xFFFF_FFFF)])).timeToLive == 0)
    }

    /// What would read beyond an end, or go on without one.
    private static let malformed: [[UInt8]] = [
        [], Array(repeating: 0, count: 11), Packet.answer(records: []).dropLast(),
        Packet.answer(records: [Packet.record(.a, [1, 2, 3])]), Packet.answer(records: [Packet.record(.a, [1, 2, 3, 4, 5])]),
        Packet.answer(records: [Packet.record(.txt, [])]), Packet.answer(records: [Packet.record(.txt, [5, 65])]),
        Packet.answer(records: [Packet.record(.mx, [0, 10])]), Packet.answer(records: [Packet.record(.cname, Packet.name("a.b") + [0])]),
        // A name that points at itself, forward, in a circle, with unknown bits, beyond the end; one that is too long.
        Packet.answer(records: [Packet.record(.cname, [0xC0, 41])]), Packet.answer(records: [Packet.record(.cname, [0xC0, 60])]),
        Packet.answer(records: [Packet.record(.cname, [1, 65, 0xC0, 41])]), Packet.answer(records: [Packet.record(.cname, [0x80, 0])]),
        Packet.answer(records: [Packet.record(.cname, [0xFF, 0xFF])]),
        Packet.answer(records: [
            Packet.record(.cname, Packet.name(Array(repeating: String(repeating: "x", count: 63), count: 4).joined(separator: ".")))
        ]),
        // More records than there are.
        [1, 2] + Packet.uint16(0x8180) + Packet.uint16(0) + Packet.uint16(1) + Packet.uint32(0),
        [1, 2] + Packet.uint16(0x8180) + Packet.uint16(0xFFFF) + Packet.uint16(0xFFFF) + Packet.uint32(0),
    ]

    @Test(arguments: malformed.indices) func `malformed messages`(number: Int) {
        #expect(throws: DNSReader.Malformed.self) { try DNSMessage(parsing: Self.malformed[number]) }
    }

    @Test func `the longest name`() throws {
        let labels = Array(repeating: String(repeating: "x", count: 63), count: 3) + [String(repeating: "x", count: 61)]
        let name = labels.joined(separator: ".")
        let message = try DNSMessage(parsing: Packet.answer(records: [Packet.record(.cname, Packet.name(name))]))
        #expect(message.records == [.cname(name)])
    }

    /// Names by a chain of pointers, each one further back: the work stays bounded by the bytes there are.
    @Test func `a chain of pointers ends`() throws {
        var bytes: [UInt8] = [0]
        for position in 0..<8000 {
            bytes += position == 0 ? [0xC0, 0] : [0xC0 | UInt8((position * 2 - 1) >> 8), UInt8((position * 2 - 1) & 0xFF)]
        }
        var reader = DNSReader(bytes, at: bytes.count - 2)
        #expect(try reader.name() == "")
        #expect(reader.position == bytes.count)
    }

    @Test func `mutated messages are read or refused`() {
        var generator = SeededGenerator(seed: 99)
        let seeds = Self.cases.map { Packet.answer(records: [$0.record, $0.record]) } + [Packet.answer(records: Self.cases.map(\.record))]
        var readable = 0
        for round in 0..<SeededGenerator.rounds {
            let bytes = seeds[round % seeds.count].mutated(using: &generator)
            guard let message = try? DNSMessage(parsing: bytes) else { continue }
            readable += 1
            for record in message.records {
                if case .cname(let name) = record { #expect(name.utf8.count <= 4 * 254) }
            }
        }
        #expect(readable > SeededGenerator.rounds / 40)
    }

    @Test func `noise is read or refused`() {
        var generator = SeededGenerator(seed: 100)
        for _ in 0..<SeededGenerator.rounds {
            let header: [UInt8] = [1, 2, 0x81, 0x80, 0, UInt8(generator.next() % 2), 0, UInt8(generator.next() % 4), 0, 0, 0, 0]
            let noise = (0..<Int(generator.next() % 120)).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
            _ = try? DNSMessage(parsing: header + noise)
        }
    }
}
