import Encoding

/// The texts that prove claims in the DNS: 128 random bits, so that nobody can set the record of another account's claim by chance, or ahead.
enum OwnershipToken {
    /// Returns a new text, in hexadecimal.
    static func make() -> String {
        var generator = SystemRandomNumberGenerator()
        return Hexadecimal.encode((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
    }
}
