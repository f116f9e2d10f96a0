import Access
import Hummingbird
import MailModel
import Web

/// A request of somebody who is logged in, with what pages ask of it.
struct DashboardRequest: Sendable {
    let call: APIRequest
    let session: Session
    /// The session's own, from its cookie.
    let secret: String
    /// The account that the visit is about: a customer's own, or the one that the operator looks at; `nil` for all.
    let account: Account?
    /// The fields of the form that was sent.
    let form: Query
    /// What the page before wants to be said.
    let flash: Flash?
    let cookies: Cookies
    let now: Timestamp

    /// The query parameter by which the operator looks at one account.
    static let accountParameter = "account"

    var principal: Principal { session.principal }
    var path: String { call.request.uri.path }

    /// The operator looks at all accounts. A customer looks at its own.
    var showsAccounts: Bool { account == nil }
    /// The account that the operator has chosen to look at alone.
    var chosenAccount: String? { principal.isMaster ? account?.reference : nil }

    func parameter(_ name: String) throws(APIError) -> String {
        try call.parameter(name)
    }

    func allows(_ scope: Scope) -> Bool {
        principal.allows(scope)
    }
}

extension DashboardRequest {
    /// A path of the dashboard with parameters. The account that the operator looks at goes along; parameters without a value are left out.
    func link(_ path: String, _ parameters: KeyValuePairs<String, String?> = [:]) -> String {
        var pairs = parameters.compactMap { name, value in value.flatMap { $0.isEmpty ? nil : (name, $0) } }
        if principal.isMaster, let account { pairs.append((Self.accountParameter, account.reference)) }
        guard !pairs.isEmpty else { return path }
        return path + "?" + pairs.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }

    /// A page inside the layout.
    ///
    /// - Parameters:
    ///   - title: of the window and the heading, as the template shows it.
    ///   - model: what the template shows: a struct.
    func page(_ template: Template, _ title: String, _ model: any Sendable, status: HTTPResponse.Status = .ok) -> Response {
        .page(template.render(model, in: Layout(title: title, visit: self)), status: status)
    }

    /// Where a form leads after its work is done, with a word about it.
    ///
    /// - Parameter path: as ``link(_:_:)`` makes it.
    func redirect(_ path: String, saying text: String, tone: Tone = .good) -> Response {
        var response = Response.see(path)
        response.headers.append(cookies.flash(Flash(tone: tone, text: text)))
        return response
    }

    /// What went wrong: after a form said on its page, else a page of its own.
    func failed(_ error: APIError) -> Response {
        if call.request.method == .post, let page = pageOfForm { return redirect(page, saying: error.message, tone: .bad) }
        let page = ErrorPage(error, goesBack: call.request.method == .post)
        var response = self.page(.error, page.title, page, status: error.status)
        for field in error.headers { response.headers[field.name] = field.value }
        return response
    }

    /// Where the form stood, as the browser says it: a page of ours in any case.
    private var pageOfForm: String? {
        guard let address = call.request.headers[.referer],
            let path = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).first
        else { return nil }
        return LogInPages.target("/" + path)
    }

    /// Takes away what the page has said.
    func finish(_ response: Response) -> Response {
        guard flash != nil, response.status.kind != .redirection else { return response }
        var response = response
        response.headers.append(cookies.endFlash)
        return response
    }
}
