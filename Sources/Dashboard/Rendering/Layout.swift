import Access
import MailModel
import Web

/// The frame around every page.
struct Layout {
    let title: String
    let styleSheet = Asset.style.path
    let script = Asset.script.path
    let icon = Asset.icon.path
    /// Whether the page is inside a session.
    let isInside: Bool
    let person: Person?
    let groups: [Navigation.Group]
    let flash: Flash?
    /// The account that the operator has chosen.
    let impersonated: ImpersonatedAccount?

    /// The person who is logged in.
    struct Person {
        let name: String
        let role: String
        let formToken: String
    }

    struct ImpersonatedAccount {
        let account: String
        /// The same page for all accounts.
        let exit: String
    }

    init(title: String, request: DashboardRequest) {
        self.title = title
        isInside = true
        person = Person(request)
        groups = Navigation.shown(to: request)
        flash = request.flash
        impersonated = request.chosenAccount.map { ImpersonatedAccount(account: $0, exit: request.path) }
    }

    /// For pages outside a session.
    init(title: String, flash: Flash? = nil) {
        self.title = title
        isInside = false
        person = nil
        groups = []
        self.flash = flash
        impersonated = nil
    }
}

extension Layout.Person {
    init(_ request: DashboardRequest) {
        let formToken = request.session.formToken
        switch request.principal.identity {
        case .master: self.init(name: "Operator", role: "Master token", formToken: formToken)
        case .client(let key): self.init(name: key.name, role: key.account.reference, formToken: formToken)
        case .user(let person):
            let place = person.user.account.map { " for \($0.reference)" } ?? ""
            self.init(name: person.user.name, role: person.user.role.name + place, formToken: formToken)
        }
    }
}

extension Asset {
    static let style = Asset(name: "dashboard", ending: "css", content: String(decoding: PackageResources.dashboard_css, as: UTF8.self))
    static let script = Asset(name: "dashboard", ending: "js", content: String(decoding: PackageResources.dashboard_js, as: UTF8.self))
    static let icon = Asset(name: "martlet", ending: "svg", content: String(decoding: PackageResources.icon_svg, as: UTF8.self))

    static var routes: [Route] { [style, script, icon].map(\.route) }
}
