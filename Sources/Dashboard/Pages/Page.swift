import Hummingbird
import MailModel

/// A page, or a change that a form makes: its path, the action that it is, and its handler.
struct Page: Sendable {
    typealias Handler = @Sendable (DashboardRequest) async throws -> Response

    let method: HTTPRequest.Method
    /// With the names of parameters in braces: `/dashboard/domains/{name}`.
    let path: String
    /// For those who may not do it, the page answers 403 with the scope that is missing, or 404 where no key may do it.
    let action: Action
    let handler: Handler

    /// A page.
    ///
    /// It changes nothing.
    static func get(_ path: String, _ action: Action, _ handler: @escaping Handler) -> Page {
        Page(method: .get, path: path, action: action, handler: handler)
    }

    /// The action of a form.
    ///
    /// Its token is checked before `handler` runs, which usually ends in ``DashboardRequest/redirect(_:saying:tone:)``.
    static func post(_ path: String, _ action: Action, _ handler: @escaping Handler) -> Page {
        Page(method: .post, path: path, action: action, handler: handler)
    }
}
