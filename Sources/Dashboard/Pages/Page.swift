import Hummingbird
import MailModel

/// A page, or a change that a form makes: its path, its access and its handler.
struct Page: Sendable {
    enum Access: Sendable, Equatable {
        /// The master, and keys with this scope.
        case scope(Scope)
        /// The master only; for others the page does not exist.
        case master
    }

    typealias Handler = @Sendable (DashboardRequest) async throws -> Response

    let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/dashboard/domains/{name}`.
    let path: String
    let access: Access
    let handler: Handler

    /// A page. It changes nothing.
    static func get(_ path: String, _ access: Access = .scope(.read), _ handler: @escaping Handler) -> Page {
        Page(method: .get, path: path, access: access, handler: handler)
    }

    /// The action of a form. Its token is checked before `handler` runs, which usually ends in
    /// ``DashboardRequest/redirect(_:saying:tone:)``.
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
