/// The form of a callback's URL. Whether it may be called at all, and where its name leads, is found out when it is called.
public enum CallbackURL {
    /// In bytes.
    public static let maximumLength = 2048

    /// - Returns: `nil` for what is no absolute http or https URL, or too long.
    public static func read(_ text: String) -> WebURL? {
        text.utf8.count <= maximumLength ? WebURL(text) : nil
    }
}
