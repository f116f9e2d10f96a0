import Mustache

/// The parts that pages share, `{{>name}}`. What fills them stands in the folder `Parts`.
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
        "layout": PackageResources.layout_mustache,
        "looking": PackageResources.looking_mustache,
        "mark": PackageResources.mark_mustache,
        "moment": PackageResources.moment_mustache,
        "pager": PackageResources.pager_mustache,
        "quota": PackageResources.quota_mustache,
    ]

    static let library = MustacheLibrary(templates: files.compactMapValues(Template.part))

    /// A part alone, for what is put into a page that is already there.
    static func render(_ name: String, _ model: any Sendable) -> String {
        library.render(model, withTemplate: name) ?? ""
    }

    /// Names of parts whose text is malformed; a test sees to it that there are none.
    static var faulty: [String] { files.keys.filter { library.getTemplate(named: $0) == nil } }
}
