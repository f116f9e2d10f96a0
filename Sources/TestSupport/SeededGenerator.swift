import Foundation

/// A small generator with a fixed seed (SplitMix64; Steele, Lea, Flood 2014), so that a failure can be reproduced.
package struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    /// Creates a generator.
    ///
    /// Of the same seed come the same numbers.
    package init(seed: UInt64) {
        state = seed
    }

    /// Returns the next number.
    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ mixed >> 27) &* 0x94D0_49BB_1331_11EB
        return mixed ^ mixed >> 31
    }
}

extension SeededGenerator {
    /// How many mutants a fuzz test looks at.
    ///
    /// `MARTLET_FUZZ_ROUNDS=5000000` for a long run, by the optimised tests where the suite is among them.
    package static let rounds = ProcessInfo.processInfo.environment["MARTLET_FUZZ_ROUNDS"].flatMap { Int($0) } ?? 20_000
}

extension [UInt8] {
    /// Bytes that parsers treat specially: the delimiters of most formats, the ends of ranges, and parts of UTF-8 sequences.
    private static let interesting: [UInt8] =
        Array("{}[]\",:\\%&=?/+-0.eEud89tfn#@ \u{0}\r\n\u{1F}\u{7F}".utf8) + [0x80, 0xC0, 0xC3, 0xE2, 0xED, 0xF0, 0xFF]

    /// Returns a copy in which a few bytes were replaced, removed, repeated or inserted, or which was cut off.
    ///
    /// - Parameter kept: how many bytes at the beginning stay as they are.
    package func mutated(times: ClosedRange<Int> = 1...4, keeping kept: Int = 0, using generator: inout SeededGenerator) -> [UInt8] {
        var mutant = self
        for _ in 0..<Int.random(in: times, using: &generator) {
            guard mutant.count > kept else { break }
            let index = Int.random(in: kept..<mutant.count, using: &generator)
            let interesting = Self.interesting.randomElement(using: &generator) ?? 0
            switch Int.random(in: 0..<16, using: &generator) {
            case 0..<4: mutant[index] = interesting
            case 4..<7: mutant[index] = UInt8.random(in: 0...255, using: &generator)
            case 7..<10: mutant.insert(interesting, at: index)
            case 10..<13: mutant.remove(at: index)
            case 13..<15: mutant.insert(contentsOf: mutant[index...].prefix(20), at: index)
            default: mutant.removeSubrange(index...)
            }
        }
        return mutant
    }
}
