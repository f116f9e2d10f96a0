/// Numbers side by side, `<dl class="figures">{{#figures}}{{>figures}}{{/figures}}</dl>`.
struct Figures: Sendable {
    struct Item: Sendable {
        let title: String
        let value: String
        var note: String?
    }

    let items: [Item]
}
