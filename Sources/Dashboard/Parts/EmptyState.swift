/// What a list shows as long as it has nothing, and what to do about it, `{{#empty}}{{>empty}}{{/empty}}`.
struct EmptyState: Sendable {
    let title: String
    let hint: String
    /// The first step, where there is one to click.
    var action: Link?
}

struct Link: Sendable {
    let text: String
    let href: String
}
