import Access
import Hummingbird
import MailModel
import Storage
import Web

/// Answers for a page: finds out who visits, checks what a form sent, and runs the page's handler.
struct PageResponder: HTTPResponder {
    typealias Context = APIContext

    private let page: Page
    private let services: DashboardRoutes.Services
    private let cookies: Cookies

    /// The most bytes a form may have. Files go in as text fields, so that it is more than a person types.
    private static let largestForm = 2 << 20

    init(_ page: Page, services: DashboardRoutes.Services, cookies: Cookies) {
        self.page = page
        self.services = services
        self.cookies = cookies
    }

    func respond(to request: Request, context: APIContext) async throws -> Response {
        guard let secret = cookies.session(of: request), let session = try await services.sessions.session(secret: secret) else {
            return logInFirst(request)
        }
        context.record.identify(session.principal)
        let query = try Query(request.uri.query ?? "")
        let form = try await form(APIRequest(request: request, context: context, query: query), session)
        guard page.access.admits(session.principal) else { throw refusal(session.principal) }
        let visit = DashboardRequest(
            call: APIRequest(request: request, context: context, query: query), session: session, secret: secret,
            account: try await account(query, session.principal), form: form, flash: cookies.flash(of: request), cookies: cookies,
            now: services.store.now)
        do {
            return visit.finish(try await page.handler(visit))
        } catch let error {
            guard let answer = APIError(error), answer.status.kind == .clientError else { throw error }
            return visit.finish(visit.failed(answer))
        }
    }

    /// The fields of the form; none for a page that is only looked at.
    ///
    /// - Throws: 403 where the form is not one of ours, or one of an earlier session.
    private func form(_ call: APIRequest, _ session: Session) async throws -> Query {
        guard page.method == .post else { return Query() }
        let form = try Query(String(buffer: try await call.body(upTo: Self.largestForm)))
        guard call.request.isFromHere, session.accepts(formToken: form["csrf"]) else {
            throw APIError(.forbidden, "This form is from an earlier visit, or from elsewhere. Go back, load the page again and repeat it.")
        }
        return form
    }

    private func logInFirst(_ request: Request) -> Response {
        let target = request.method == .post ? "/dashboard" : request.uri.string
        return .see(LogInPages.path(leadingTo: target))
    }

    private func refusal(_ principal: Principal) -> APIError {
        if case .scope(let scope) = page.access {
            return APIError(.forbidden, "Your key may not do that: it lacks the scope \(scope.rawValue).")
        }
        return APIError(.notFound, "There is no such page.")
    }

    /// The account that the visit is about: a customer's own, or the one that the operator looks at.
    private func account(_ query: Query, _ principal: Principal) async throws -> Account? {
        if case .client(let key) = principal { return key.account }
        guard let reference = query[DashboardRequest.accountParameter] else { return nil }
        guard let account = try await services.store.read({ try $0.account(reference: reference) }) else {
            throw APIError(.notFound, "There is no account \(Fields.shown(reference)).")
        }
        return account
    }
}

extension Request {
    /// False where the browser says that another site made the request. What says nothing is no browser, or an old one: the token has to do.
    var isFromHere: Bool {
        if let site = headers[.secFetchSite] { return site == "same-origin" || site == "none" }
        guard let origin = headers[.origin] else { return true }
        return origin.split(separator: "/").last.map(String.init) == head.authority
    }
}
