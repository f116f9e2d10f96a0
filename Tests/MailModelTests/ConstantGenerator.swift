/// Answers the same number for ever: a small one draws the lowest of a range, `.max` the highest. With 0, `random(in:)` would try for ever.
struct ConstantGenerator: RandomNumberGenerator {
    var value: UInt64

    mutating func next() -> UInt64 { value }
}
