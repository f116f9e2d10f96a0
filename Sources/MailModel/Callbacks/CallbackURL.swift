/// The form of a callback's URL. Whether it may be called at all, and where its name leads, is found out when it is called.
package enum CallbackURL {
    /// In bytes.
    package static let maximumLength = 2048

    /// - Returns: `nil` for what is no absolute http or https URL, or too long.
    package static func read(_ text: String) -> WebURL? {
        text.utf8.count <= maximumLength ? WebURL(text) : nil
    }
}
