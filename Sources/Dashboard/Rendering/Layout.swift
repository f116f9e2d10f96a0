import Access
import MailModel
import Web

/// What stands around every page.
struct Layout {
    let title: String
    let styleSheet = Asset.style.path
    let script = Asset.script.path
    let icon = Asset.icon.path
    /// Somebody is logged in.
    let isInside: Bool
    let person: Person?
    let groups: [Navigation.Group]
    let flash: Flash?
    /// The account that the operator looks at.
    let looking: ImpersonatedAccount?

    /// Who is logged in.
    struct Person {
        let name: String
        let role: String
        let formToken: String
    }

    struct ImpersonatedAccount {
        let account: String
        let exit: String
    }

    init(title: String, visit: DashboardRequest) {
        self.title = title
        isInside = true
        person = Person(visit)
        groups = Navigation.shown(to: visit)
        flash = visit.flash
        let isOperator = visit.principal.isMaster
        looking = visit.account.flatMap { isOperator ? ImpersonatedAccount(account: $0.reference, exit: visit.path) : nil }
    }

    /// For pages outside of a session.
    init(title: String, flash: Flash? = nil) {
        self.title = title
        isInside = false
        person = nil
        groups = []
        self.flash = flash
        looking = nil
    }
}

extension Layout.Person {
    init(_ visit: DashboardRequest) {
        switch visit.principal {
        case .master: self.init(name: "Operator", role: "Master token", formToken: visit.session.formToken)
        case .client(let key): self.init(name: key.name, role: key.account.reference, formToken: visit.session.formToken)
        }
    }
}
