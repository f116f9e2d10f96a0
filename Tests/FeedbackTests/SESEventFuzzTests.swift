import MailModel
import Storage
import TestSupport
import Testing

@testable import Feedback

struct SESEventFuzzTests {
    /// Values of every kind, put in the place of others: most byte mutations only break the JSON.
    private static let values = [
        "null", "true", "-1", "9e999", #""""#, "\"\\u0000\"", "[]", "{}", "[[]]", #"["a@b.example"]"#, #"{"name":1}"#,
    ]

    @Test func `mutations crash nothing, and what is read can be counted`() throws {
        var generator = SeededGenerator(seed: 7)
        let samples = Samples.all.map { Array($0.utf8) }
        let recipient = try EmailAddress("recipient@example.com")
        var read = 0
        for round in 0..<SeededGenerator.rounds {
            let mutant = mutated(samples[round % samples.count], using: &generator)
            guard let event = try? SESEvent(parsing: mutant) else { continue }
            read += 1
            let effect = event.effect(by: FeedbackRules(softBounceLimit: 1))
            _ = effect.timelineEntry(for: recipient, now: Timestamp(milliseconds: 0))
            let tally = event.tally(by: FeedbackRules(countTransient: true))
            if tally.bounces < 0 || tally.bounces > 1000 || tally.complaints > 1000 || effect.concerns(recipient) && event.type.isEmpty {
                Issue.record("miscounted: \(String(decoding: mutant, as: UTF8.self))")
            }
        }
        #expect(read > SeededGenerator.rounds / 5)
    }

    private func mutated(_ sample: [UInt8], using generator: inout SeededGenerator) -> [UInt8] {
        var mutant = sample.mutated(times: 0...1, using: &generator)
        for _ in 0..<Int.random(in: 0...2, using: &generator) where !mutant.isEmpty {
            replaceValue(behind: Int.random(in: 0..<mutant.count, using: &generator), in: &mutant, using: &generator)
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
