/// The way through a list that is longer than a page, `{{#pager}}{{>pager}}{{/pager}}`.
///
/// Lists go on behind an item, so that the way back is to the beginning, or the browser's own.
struct Pager: Sendable {
    let first: String?
    let next: String?

    /// - Parameters:
    ///   - isFirst: this is the first page.
    ///   - first: the link to it.
    ///   - next: the link to what follows, where something does.
    /// - Returns: `nil` where the list has one page.
    init?(isFirst: Bool, first: String, next: String?) {
        if isFirst, next == nil { return nil }
        self.first = isFirst ? nil : first
        self.next = next
    }

    /// - Parameters:
    ///   - found: one more than `size` shows that there are more.
    ///   - link: to the page behind an item, or to the first one.
    init?<Item>(_ found: [Item], size: Int, isFirst: Bool, link: (Item?) -> String) {
        self.init(isFirst: isFirst, first: link(nil), next: found.count > size ? link(found[size - 1]) : nil)
    }
}
