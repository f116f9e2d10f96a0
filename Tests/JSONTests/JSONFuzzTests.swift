import JSON
import Testing

/// A small generator with a fixed seed (SplitMix64), so that a failure can be repeated.
private struct SeededGenerator: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

struct JSONFuzzTests {
    private static let seed = Array(
        #"{"to":"a@example.com","text":"Gr\u00fc\u00dfe, \ud83d\ude00 é\n","n":[0,-1,1.5e-3,9223372036854775808],"x":{"y":[[],{},null,true,false]}}"#
            .utf8)
    private static let interesting = Array("{}[]\",:\\u0eE+-.dD89tfn \n".utf8) + [0, 0x1F, 0x7F, 0x80, 0xC3, 0xE2, 0xED, 0xF0, 0xFF]

    @Test(.timeLimit(.minutes(1)))
    func `200,000 mutations neither crash nor lose anything that was accepted`() throws {
        var generator = SeededGenerator(state: 42)
        var accepted = 0
        for _ in 0..<200_000 {
            let document = mutated(using: &generator)
            guard let value = try? JSONValue.parse(document) else { continue }
            accepted += 1
            let again = try JSONValue.parse(value.serialized)
            if again != value { Issue.record("lost something: \(document)") }
        }
        #expect(accepted > 1000)
    }

    private func mutated(using generator: inout SeededGenerator) -> [UInt8] {
        var document = Self.seed
        for _ in 0..<Int.random(in: 1...4, using: &generator) {
            let index = Int.random(in: 0..<document.count, using: &generator)
            let byte = Self.interesting.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: document[index] = byte
            case 1: document.insert(byte, at: index)
            case 2: document.remove(at: index)
            case 3: document.insert(contentsOf: document[index..<min(index + 8, document.count)], at: index)
            default: document[index] = UInt8.random(in: 0...255, using: &generator)
            }
        }
        return document
    }
}
