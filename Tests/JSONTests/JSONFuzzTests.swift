import JSON
import TestSupport
import Testing

struct JSONFuzzTests {
    private static let seed = Array(
        #"{"to":"a@example.com","text":"Gr\u00fc\u00dfe, \ud83d\ude00 é\n","n":[0,-1,1.5e-3,9223372036854775808],"x":{"y":[[],{},null,true,false]}}"#
            .utf8)

    @Test(.timeLimit(.minutes(1)))
    func `200,000 mutations neither crash nor lose anything that was accepted`() throws {
        var generator = SeededGenerator(seed: 42)
        var accepted = 0
        for _ in 0..<200_000 {
            let document = Self.seed.mutated(using: &generator)
            guard let value = try? JSONValue.parse(document) else { continue }
            accepted += 1
            let again = try JSONValue.parse(value.serialized)
            if again != value { Issue.record("lost something: \(document)") }
        }
        #expect(accepted > 1000)
    }
}
