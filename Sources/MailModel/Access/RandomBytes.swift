extension [UInt8] {
    /// Returns bytes of the system's generator, which nobody can predict: for tokens, keys and secrets.
    package static func random(count: Int) -> [UInt8] {
        var generator = SystemRandomNumberGenerator()
        return (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
    }
}
