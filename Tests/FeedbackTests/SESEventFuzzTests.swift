import MailModel
import Testing

@testable import Feedback

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

struct SESEventFuzzTests {
    /// Values of every kind, put in the place of others: most byte mutations only break the JSON.
    private static let values = [
        "null", "true", "-1", "9e999", #""""#, "\"\\u0000\"", "[]", "{}", "[[]]", #"["a@b.example"]"#, #"{"name":1}"#,
    ]

    @Test(.timeLimit(.minutes(2)))
    func `100,000 mutations crash nothing, and what is read can be judged`() throws {
        var generator = SeededGenerator(state: 7)
        let samples = Samples.all.map { Array($0.utf8) }
        let recipient = try EmailAddress("recipient@example.com")
        var read = 0
        for round in 0..<100_000 {
            let mutant = mutated(samples[round % samples.count], using: &generator)
            guard let event = try? SESEvent(parsing: mutant) else { continue }
            read += 1
            _ = event.timelineEntry(for: recipient, now: Timestamp(milliseconds: 0))
            let tally = event.tally(by: FeedbackRules(countTransient: true))
            if tally.bounces < 0 || tally.bounces > 1000 || tally.complaints > 1000 || event.concerns(recipient) && event.type.isEmpty {
                Issue.record("misjudged: \(String(decoding: mutant, as: UTF8.self))")
            }
        }
        #expect(read > 20_000)
    }

    private func mutated(_ sample: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var mutant = sample
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
            let index = Int.random(in: 0..<mutant.count, using: &generator)
            switch Int.random(in: 0..<5, using: &generator) {
            case 0: mutant[index] = UInt8.random(in: 0...255, using: &generator)
            case 1: mutant.remove(at: index)
            case 2: mutant[index] = UInt8.random(in: 0x61...0x7A, using: &generator)
            default: replaceValue(behind: index, in: &mutant, using: &generator)
            }
        }
        return mutant
    }

    /// Puts another value behind the next colon, in place of a text or of what is up to the next comma.
    private func replaceValue(behind index: Int, in mutant: inout [UInt8], using generator: inout SeededGenerator) {
        guard let colon = mutant[index...].firstIndex(of: UInt8(ascii: ":")), colon + 1 < mutant.count else { return }
        let isText = mutant[colon + 1] == UInt8(ascii: "\"")
        let end = mutant[(colon + 2)...].firstIndex(of: UInt8(ascii: isText ? "\"" : ",")) ?? mutant.count
        let value = Self.values.randomElement(using: &generator) ?? "null"
        mutant.replaceSubrange(colon + 1..<min(isText ? end + 1 : end, mutant.count), with: value.utf8)
    }
}
