import Access
import Encoding
import Hummingbird
import MailModel
import Web

/// Login and logout, and the redirect from `/` to the dashboard.
///
/// These pages are outside of any session.
struct LogInPages: Sendable {
    let sessions: SessionService
    let cookies: Cookies

    private static let path = "/dashboard/login"

    var routes: [Route] {
        [
            Route(.get, "/", CallbackResponder { _, _ in .see("/dashboard") }),
            Route(.get, Self.path, CallbackResponder(callback: ask)),
            Route(.post, Self.path, CallbackResponder(callback: logIn)),
            Route(.post, "/dashboard/logout", CallbackResponder(callback: logOut)),
        ]
    }

    /// Returns the path of the login page that leads to a page after the login.
    static func path(leadingTo target: String) -> String {
        target == "/dashboard" ? path : "\(path)?next=\(PercentEncoding.encode(target))"
    }

    private func ask(_ request: Request, _ context: APIContext) async throws -> Response {
        let next = Self.target(try Query(request.uri.query ?? "")["next"])
        if let secret = cookies.session(of: request), try await sessions.session(secret: secret, from: context.remoteAddress) != nil {
            return .see(next)
        }
        return form(next: next, flash: cookies.flash(of: request))
    }

    private func logIn(_ request: Request, _ context: APIContext) async throws -> Response {
        let form = try await form(request, context)
        let next = Self.target(form["next"])
        let token = (form["token"] ?? "").filter { !$0.isWhitespace }
        do {
            let (session, secret) = try await sessions.logIn(token: token, from: context.remoteAddress)
            context.record.identify(session.principal)
            guard session.principal.may(.dashboardOpen) else {
                try await sessions.logOut(secret: secret, by: session.principal)
                return self.form(next: next, problem: "This key lacks the scope read, which the dashboard needs.", status: .forbidden)
            }
            var response = Response.see(next)
            response.headers.append(cookies.session(secret))
            return response
        } catch let error as AuthenticationError {
            return refusal(error, next: next)
        }
    }

    private func logOut(_ request: Request, _ context: APIContext) async throws -> Response {
        let form = try await form(request, context)
        if let secret = cookies.session(of: request), let session = try await sessions.session(secret: secret, from: context.remoteAddress)
        {
            guard session.accepts(formToken: form["csrf"]) else { throw APIError(.forbidden, "This form is from an earlier visit.") }
            try await sessions.logOut(secret: secret, by: session.principal)
        }
        var response = Response.see(Self.path)
        response.headers.append(cookies.endSession)
        response.headers.append(cookies.flash(Flash(tone: .good, text: "You are logged out.")))
        return response
    }

    private func form(_ request: Request, _ context: APIContext) async throws -> Query {
        guard request.isFromHere else { throw APIError(.forbidden, "This form was sent from another site.") }
        let body = try await APIRequest(request, context: context, query: Query()).body(upTo: APIRequest.smallBody)
        return try Query(String(buffer: body))
    }

    private func refusal(_ error: AuthenticationError, next: String) -> Response {
        switch error.reason {
        case .tooManyFailures(let seconds):
            var response = form(
                next: next, problem: "Too many attempts. Try again in \(seconds) seconds.", status: .tooManyRequests)
            response.headers[.retryAfter] = String(seconds)
            return response
        case .deactivated: return form(next: next, problem: "This key is switched off.", status: .unauthorized)
        case .expired: return form(next: next, problem: "This key has expired.", status: .unauthorized)
        case .addressNotAllowed: return form(next: next, problem: "This key may not be used from your address.", status: .forbidden)
        case .rateLimitExceeded:
            var response = form(
                next: next, problem: "This key has reached its limit of requests. Try again in a second.", status: .tooManyRequests)
            response.headers[.retryAfter] = "1"
            return response
        case .malformedHeader, .unknownKey, .missingSignature, .incompleteSignature, .wrongSignature, .signatureExpired:
            return form(next: next, problem: "Nobody has this token. Is it complete?", status: .unauthorized)
        }
    }

    private func form(
        next: String, problem: String? = nil, flash: Flash? = nil, status: HTTPResponse.Status = .ok
    ) -> Response {
        let model = LogInModel(next: next, problem: problem)
        var response = Response.page(Template.logIn.render(model, in: Layout(title: "Log in", flash: flash)), status: status)
        if flash != nil { response.headers.append(cookies.endFlash) }
        return response
    }

    /// Returns the path that follows the login: pages of the dashboard only, against open redirects.
    static func target(_ next: String?) -> String {
        guard let next, next == "/dashboard" || next.hasPrefix("/dashboard/") || next.hasPrefix("/dashboard?"),
            !next.unicodeScalars.contains(where: { $0.value <= 0x20 || $0 == "\\" || $0.value >= 0x7F })
        else { return "/dashboard" }
        return next
    }
}

struct LogInModel {
    let next: String
    let problem: String?
}

extension Template {
    static let logIn = Template(PackageResources.login_mustache)
}
