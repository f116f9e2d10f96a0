import Mustache

/// The parts that pages share, `{{>name}}`. What fills them stands in the folder `Parts`.
enum Parts {
    private static let files: [String: [UInt8]] = [
        "badge": PackageResources.badge_mustache,
        "choice": PackageResources.choice_mustache,
        "chooser": PackageResources.chooser_mustache,
        "csrf": PackageResources.csrf_mustache,
        "empty": PackageResources.empty_mustache,
        "layout": PackageResources.layout_mustache,
        "mark": PackageResources.mark_mustache,
        "moment": PackageResources.moment_mustache,
        "pager": PackageResources.pager_mustache,
        "quota": PackageResources.quota_mustache,
    ]

    static let library = MustacheLibrary(templates: files.compactMapValues(Template.part))

    /// Names of parts whose text is malformed; a test sees to it that there are none.
    static var faulty: [String] { files.keys.filter { library.getTemplate(named: $0) == nil } }
}
