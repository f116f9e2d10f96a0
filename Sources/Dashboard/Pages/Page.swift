import Hummingbird
import MailModel

/// One page, or one change that a form makes: where it is, who may see it, and what answers.
struct Page: Sendable {
    enum Access: Sendable, Equatable {
        /// The master, and keys with this scope.
        case scope(Scope)
        /// The master only. For others there is no such page.
        case master
    }

    typealias Handler = @Sendable (DashboardRequest) async throws -> Response

    let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/dashboard/domains/{name}`.
    let path: String
    let access: Access
    let handler: Handler

    /// A page to look at. It changes nothing.
    static func get(_ path: String, _ access: Access = .scope(.read), _ handler: @escaping Handler) -> Page {
        Page(method: .get, path: path, access: access, handler: handler)
    }

    /// What a form does. Its token is checked before `handler` runs, which ends in ``DashboardRequest/redirect(_:saying:)`` as a rule.
    static func post(_ path: String, _ access: Access = .scope(.manage), _ handler: @escaping Handler) -> Page {
        Page(method: .post, path: path, access: access, handler: handler)
    }
}

extension Page.Access {
    func admits(_ principal: Principal) -> Bool {
        switch self {
        case .scope(let scope): principal.allows(scope)
        case .master: principal.isMaster
        }
    }
}
