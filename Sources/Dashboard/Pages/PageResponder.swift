import Access
import Concurrency
import Hummingbird
import MailModel
import Platform
import Storage
import Web

/// Answers the requests of a page: finds the session, checks the form, and runs the page's handler.
struct PageResponder: HTTPResponder {
    typealias Context = APIContext

    private let page: Page
    private let services: Services
    private let cookies: Cookies

    /// The maximum size of a form in bytes.
    ///
    /// Files are pasted into text fields.
    private static let largestForm = 2 << 20

    init(_ page: Page, services: Services, cookies: Cookies) {
        self.page = page
        self.services = services
        self.cookies = cookies
    }

    func respond(to httpRequest: Request, context: APIContext) async throws -> Response {
        guard let secret = cookies.session(of: httpRequest),
            let session = try await services.sessions.session(secret: secret, from: context.remoteAddress)
        else { return logInFirst(httpRequest) }
        context.record.identify(session.principal)
        let apiRequest = APIRequest(httpRequest, context: context, query: try Query(httpRequest.uri.query ?? ""))
        let form = try await form(of: apiRequest, session)
        guard session.principal.may(page.action) else { throw refusal }
        let request = DashboardRequest(
            apiRequest: apiRequest, session: session, secret: secret, account: try await account(apiRequest.query, session.principal),
            form: form, flash: cookies.flash(of: httpRequest), cookies: cookies, now: services.store.now)
        do {
            let response = try await Caller.$current.withValue(session.principal.shareholder) { try await page.handler(request) }
            return request.finish(response)
        } catch let error {
            guard let answer = APIError(error), answer.status.kind == .clientError else { throw error }
            return request.finish(request.failed(answer))
        }
    }

    /// Reads the fields of the form; none for `GET`.
    ///
    /// - Throws: 403 where the form is from another site, or from another session.
    private func form(of request: APIRequest, _ session: Session) async throws -> Query {
        guard page.method == .post else { return Query() }
        let form = try Query(String(buffer: try await request.body(upTo: Self.largestForm)))
        guard request.httpRequest.isFromHere, session.accepts(formToken: form["csrf"]) else {
            throw APIError(.forbidden, "This form is from an earlier visit, or from elsewhere. Go back, load the page again and repeat it.")
        }
        return form
    }

    private func logInFirst(_ request: Request) -> Response {
        let target = request.method == .post ? "/dashboard" : request.uri.string
        return .see(LogInPages.path(leadingTo: target))
    }

    /// The answer to those who may not use the page: what no customer may do does not exist for them.
    private var refusal: APIError {
        guard let scope = page.action.scope else { return APIError(.notFound, "There is no such page.") }
        return APIError(.forbidden, code: .scopeMissing, "Your key may not do that: it lacks the scope \(scope.rawValue).")
    }

    /// Returns the account that the request is about: a customer's own, or the one that the operator has chosen.
    private func account(_ query: Query, _ principal: Principal) async throws -> Account? {
        if let own = principal.account { return own }
        guard let reference = query[DashboardRequest.accountParameter] else { return nil }
        guard let account = try await services.store.read({ try $0.accounts.find(reference: reference) }) else {
            throw APIError(.notFound, "There is no account \(Fields.shown(reference)).")
        }
        return account
    }
}

extension Request {
    /// False where the browser says that the request comes from another site.
    ///
    /// Old browsers and other programs say nothing: the form token decides alone then.
    var isFromHere: Bool {
        if let site = headers[.secFetchSite] { return site == "same-origin" || site == "none" }
        guard let origin = headers[.origin] else { return true }
        return origin.split(separator: "/").last.map(String.init) == head.authority
    }
}
