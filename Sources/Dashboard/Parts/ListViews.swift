/// The text in place of an empty list, and what to do about it, `{{#empty}}{{>empty}}{{/empty}}`.
struct EmptyState: Sendable {
    let title: String
    let hint: String
    /// The first step, where there is one to click.
    var action: Link?
}

/// The links to the first and the next page of a list, `{{#pager}}{{>pager}}{{/pager}}`.
///
/// A page begins behind an item, so that there is no link to the page before: the browser's own button leads there.
struct Pager: Sendable {
    let first: String?
    let next: String?

    /// - Parameters:
    ///   - isFirst: whether this is the first page.
    ///   - first: the link to the first page.
    ///   - next: the link to the next page, where there is one.
    /// - Returns: `nil` where the list has one page.
    init?(isFirst: Bool, first: String, next: String?) {
        if isFirst, next == nil { return nil }
        self.first = isFirst ? nil : first
        self.next = next
    }

    /// - Parameters:
    ///   - found: one item more than `size` shows that there are more.
    ///   - link: returns the link to the page behind an item; for `nil` that to the first page.
    init?<Item>(_ found: [Item], size: Int, isFirst: Bool, link: (Item?) -> String) {
        self.init(isFirst: isFirst, first: link(nil), next: found.count > size ? link(found[size - 1]) : nil)
    }
}
