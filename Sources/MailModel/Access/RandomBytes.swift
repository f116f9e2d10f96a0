extension [UInt8] {
    /// Returns unpredictable bytes of the system's generator, for tokens, keys and secrets.
    package static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
