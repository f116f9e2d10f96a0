import Encoding
import Web

/// The text in place of an empty list, and what to do about it, `{{#empty}}{{>empty}}{{/empty}}`.
struct EmptyState: Sendable {
    let title: String
    let hint: String
    /// The first step, where there is one to click.
    var action: Link?
}

/// The links to the first, the previous and the next page of a list, `{{#pager}}{{>pager}}{{/pager}}`.
///
/// A page begins behind an item. The items that the pages before began behind are the parameter `trail` of its address, so that they are
/// found again.
struct Pager: Sendable {
    let first: String?
    private(set) var previous: String?
    private(set) var next: String?

    /// The pages that are found again.
    private static let longestTrail = 100
    private static let trail = "trail"

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

    /// Returns the pager with a link to the previous page.
    func turned(by request: DashboardRequest) -> Pager {
        guard let first else { return self }
        let trail = (request.query.text(Self.trail) ?? "").split(separator: " ").map(String.init)
        var pager = self
        let known = (trail + [request.query["after"] ?? ""]).suffix(Self.longestTrail)
        pager.next = next.map { Self.adding([Self.trail: known.joined(separator: " ")], to: $0) }
        pager.previous =
            trail.last.map { last in
                Self.adding(["after": last, Self.trail: trail.dropLast().joined(separator: " ")], to: first)
            } ?? first
        return pager
    }

    private static func adding(_ parameters: KeyValuePairs<String, String>, to link: String) -> String {
        let parts = link.split(separator: "#", maxSplits: 1)
        let query = parameters.filter { !$0.value.isEmpty }.map { "\($0.key)=\(PercentEncoding.encode($0.value))" }.joined(separator: "&")
        guard let path = parts.first, !query.isEmpty else { return link }
        return path + (path.contains("?") ? "&" : "?") + query + (parts.count > 1 ? "#" + parts[1] : "")
    }

    /// - Parameters:
    ///   - found: one item more than `size` shows that there are more.
    ///   - link: returns the link to the page behind an item; for `nil` that to the first page.
    init?<Item>(_ found: [Item], size: Int, isFirst: Bool, link: (Item?) -> String) {
        self.init(isFirst: isFirst, first: link(nil), next: found.count > size ? link(found[size - 1]) : nil)
    }
}
