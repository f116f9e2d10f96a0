import Mustache

/// The templates of the parts that pages share, `{{>name}}`.
///
/// Their models are in the folder `Parts`.
enum Parts {
    private static let files: [String: [UInt8]] = [
        "badge": PackageResources.badge_mustache,
        "chart": PackageResources.chart_mustache,
        "choice": PackageResources.choice_mustache,
        "chooser": PackageResources.chooser_mustache,
        "confirm": PackageResources.confirm_mustache,
        "copy": PackageResources.copy_mustache,
        "csrf": PackageResources.csrf_mustache,
        "empty": PackageResources.empty_mustache,
        "figures": PackageResources.figures_mustache,
        "gauge": PackageResources.gauge_mustache,
        "impersonated": PackageResources.impersonated_mustache,
        "layout": PackageResources.layout_mustache,
        "mark": PackageResources.mark_mustache,
        "pager": PackageResources.pager_mustache,
        "quota": PackageResources.quota_mustache,
        "timestamp": PackageResources.timestamp_mustache,
    ]

    static let library = MustacheLibrary(templates: files.compactMapValues(Template.part))

    /// Renders a part alone, to update a page that is loaded already.
    static func render(_ name: String, _ model: any Sendable) -> String {
        library.render(model, withTemplate: name) ?? ""
    }

    /// The names of malformed parts; a test checks that there are none.
    static var faulty: [String] { files.keys.filter { library.getTemplate(named: $0) == nil } }
}
