import MailModel

@testable import Access

extension IssuedKey {
    /// The key and its token, for tests that need both.
    var parts: (key: APIKey, token: String) { (key, token) }
}
