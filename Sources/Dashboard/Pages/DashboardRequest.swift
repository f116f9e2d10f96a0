import Access
import Encoding
import Hummingbird
import MailModel
import Web

/// A request within a session.
struct DashboardRequest: Sendable {
    /// The request with its query.
    let apiRequest: APIRequest
    let session: Session
    /// The session's secret, from its cookie.
    let secret: String
    /// The account that the request is about: a customer's own, or the one that the operator has chosen; `nil` for all.
    let account: Account?
    /// The fields of the form; empty for `GET`.
    let form: Query
    /// The message that the last page left.
    let flash: Flash?
    let cookies: Cookies
    let now: Timestamp

    /// The query parameter with which the operator chooses an account.
    static let accountParameter = "account"

    var principal: Principal { session.principal }
    var path: String { apiRequest.httpRequest.uri.path }
    var query: Query { apiRequest.query }
    /// The request's id in the log.
    var recordID: String { apiRequest.context.record.id }

    /// Whether the page is about all accounts: the operator's, unless it has chosen one.
    var showsAccounts: Bool { account == nil }
    /// The reference of the account that the operator has chosen.
    var chosenAccount: String? { principal.accountID == nil ? account?.reference : nil }

    /// Returns a parameter of the path, decoded.
    func parameter(_ name: String) throws(APIError) -> String {
        try apiRequest.parameter(name)
    }

    /// Returns the numeric id in the path.
    func id(of what: String) throws(APIError) -> Int64 {
        try apiRequest.id(of: what)
    }

    func may(_ action: Action) -> Bool {
        principal.may(action)
    }
}

extension DashboardRequest {
    /// Returns a path of the dashboard with parameters, and with the account that the operator has chosen.
    ///
    /// Empty parameters are left out.
    func link(_ path: String, _ parameters: KeyValuePairs<String, String?> = [:]) -> String {
        var pairs = parameters.compactMap { name, value in value.flatMap { $0.isEmpty ? nil : (name, $0) } }
        if let chosenAccount { pairs.append((Self.accountParameter, chosenAccount)) }
        guard !pairs.isEmpty else { return path }
        return path + "?" + pairs.map { "\($0)=\(PercentEncoding.encode($1))" }.joined(separator: "&")
    }

    /// Renders a page inside the layout.
    ///
    /// - Parameters:
    ///   - title: of the window.
    ///   - model: a struct with the values that the template names.
    func page(_ template: Template, _ title: String, _ model: any Sendable, status: HTTPResponse.Status = .ok) -> Response {
        .page(template.render(model, in: Layout(title: title, request: self)), status: status)
    }

    /// The answer to a form that succeeded: a redirect to a page, which shows a message.
    ///
    /// - Parameter path: as ``link(_:_:)`` makes it.
    func redirect(_ path: String, saying text: String, tone: Tone = .good) -> Response {
        var response = Response.see(path)
        response.headers.append(cookies.flash(Flash(tone: tone, text: text)))
        return response
    }

    /// The answer for an error: for a form its own page, which shows a message; otherwise an error page.
    func failed(_ error: APIError) -> Response {
        let isForm = apiRequest.httpRequest.method == .post
        if isForm, let page = pageOfForm { return redirect(page, saying: error.message, tone: .bad) }
        let page = ErrorPage(error, goesBack: isForm)
        var response = self.page(.error, page.title, page, status: error.status)
        for field in error.headers { response.headers[field.name] = field.value }
        return response
    }

    /// The path of the page with the form, according to `Referer`; always a page of the dashboard.
    private var pageOfForm: String? {
        guard let address = apiRequest.headers[.referer],
            let path = address.split(separator: "/", maxSplits: 3, omittingEmptySubsequences: false).dropFirst(3).first
        else { return nil }
        return LogInPages.target("/" + path)
    }

    /// Removes the message that the page has shown.
    func finish(_ response: Response) -> Response {
        guard flash != nil, response.status.kind != .redirection else { return response }
        var response = response
        response.headers.append(cookies.endFlash)
        return response
    }
}
