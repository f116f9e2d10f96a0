import Crypto
import Encoding
import MailModel

/// What a new password has to be (specification 2.12, after NIST SP 800-63B section 5.1.1.2): long, and not what everybody takes.
enum PasswordRules {
    /// In characters.
    static let lengths = 12...256

    /// Returns what is wrong with a new password; `nil` where nothing is.
    static func fault(of password: String, for user: User) -> Refusal? {
        guard lengths.contains(password.count), password.utf8.count <= 4 * lengths.upperBound else {
            return .invalid("password", "must have \(lengths.lowerBound) to \(lengths.upperBound) characters")
        }
        let lower = password.lowercased()
        guard Set(lower).count >= 5, !common.contains(prefix(of: lower)) else {
            return .invalid("password", "is one of those that are tried first, choose another one")
        }
        let own = [user.address.description, user.address.localPart, user.name].map { $0.lowercased() }.filter { $0.count >= 4 }
        guard !own.contains(where: { lower.contains($0) && lower.count < $0.count + 8 }) else {
            return .invalid("password", "must not be made of your name or address")
        }
        return nil
    }

    /// The first 64 bits of the SHA-256 hash.
    private static func prefix(of password: String) -> String {
        Hexadecimal.encode(SHA256.hash(data: Array(password.utf8)).prefix(8))
    }

    /// Of the 10,000 commonest passwords of published leaks those of 12 characters and more, as ``prefix(of:)`` of their lower case: all others are
    /// too short.
    private static let common = Set(
        """
        015000f4b58ce402 01f71c9a2bab2c14 032cc11fe7a57e7d 09fba7943e22ac2e 0a67248b9ae06468 0da0b943f322ad72
        1c312dd6426a1667 1c699d06d9663a03 27eecf97f30dd4cf 2943a567bc05bc66 319bae28fe4e645c 35f91566a687c0b3
        36aa15a88e7ab360 395f2910731c508f 3a5745a05f87ddee 40f598cc76550d29 4346ff92f5b575ea 439087482d21d575
        46a281cd35498ad6 5d5a70a2d7887983 5e4ff8ebb5fe84d8 5f3b3b6149571008 5ffed2e1bd56b37e 617034c22db68a3a
        6265db0c8c5db161 62d9b56b23a9ee18 6ae217164a1e3bfe 6c5f285a9edbdabd 74305616b2bc16c0 765ad9f4c7e62e31
        775b9c200002c4cc 7fd06f0e2a61fec4 81d06fe91661eb55 837035490f08cb65 84ebc1bac7879f8a 8907a499b54ae0c5
        89b00a2edf6d5d55 8c6e96f7ab6a0294 925b13a7ef9b4b49 95b3af3099261695 9edd7412fe65ff08 a91f0cc24ff68bd7
        acf45488978d9ff4 ae5deb865d391af1 b108fdf8c7b6bdd4 c8c38b9c87345d73 cacfd524400344de cb5e0fac75c921ae
        ce6428728f8ac349 d8aafc4b847c351d dbdcf01bf52ceac1 de6278ab9ed1292c e4005e2c1578a1e8 f1fa5d6c26426f37
        f587d4d586606138 f7bcd2d4e37276f4
        """.split(whereSeparator: \.isWhitespace).map(String.init))
}
