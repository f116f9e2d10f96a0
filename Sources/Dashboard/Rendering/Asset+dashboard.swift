import Web

extension Asset {
    static let style = Asset(name: "dashboard", ending: "css", content: String(decoding: PackageResources.dashboard_css, as: UTF8.self))
    static let script = Asset(name: "dashboard", ending: "js", content: String(decoding: PackageResources.dashboard_js, as: UTF8.self))
    static let icon = Asset(name: "martlet", ending: "svg", content: String(decoding: PackageResources.icon_svg, as: UTF8.self))

    static var routes: [Route] { [style, script, icon].map(\.route) }
}
