import Hummingbird
import MailModel
import NIOCore
import Sending
import Web

/// `/u/{token}`: the page of the unsubscribe link in an email (specification 5.4, RFC 8058).
///
/// `GET` asks and `POST` unsubscribes, because mail scanners follow every link. Neither needs a cookie or redirects.
struct UnsubscribeController: Sendable {
    let unsubscribes: UnsubscribeService

    var operations: [Operation] {
        [
            .open(.get, "/u/{token}", Self.askDocumentation, ask),
            .open(.post, "/u/{token}", Self.unsubscribeDocumentation, act),
        ]
    }

    private static let askDocumentation = Documentation(
        "The page of an unsubscribe link, which asks and changes nothing", .text("The page.", "text/html"),
        .page(.notFound, "Not a link of this service."), .page(.gone, "The link has expired."))

    private static let unsubscribeDocumentation = Documentation(
        "Unsubscribe the recipient of an email from its sender, in one click (RFC 8058)",
        body: .init(
            schema: .object([
                .optional("List-Unsubscribe", .string, "What mail programs send; the body is not read.", example: "One-Click")
            ]), contentType: "application/x-www-form-urlencoded", isRequired: false,
            example: "List-Unsubscribe=One-Click"),
        .text("Unsubscribed.", "text/html"), .page(.notFound, "Not a link of this service."),
        .page(.gone, "The link has expired."))

    private func ask(_ request: APIRequest) async throws -> Response {
        request.unsubscribePage.page(try await unsubscribes.status(of: try request.parameter("token")))
    }

    private func act(_ request: APIRequest) async throws -> Response {
        let token = try request.parameter("token")
        // Before the body is read: whoever has no link costs nothing.
        guard unsubscribes.isLink(token) else { return request.unsubscribePage.page(try await unsubscribes.status(of: token)) }
        let form = try await request.form()
        let status =
            if form?["action"] == "resubscribe" {
                try await unsubscribes.resubscribe(token: token)
            } else {
                try await unsubscribes.unsubscribe(token: token, from: form?["scope"] == "account" ? .account : .sender)
            }
        return request.unsubscribePage.page(status)
    }
}

extension APIRequest {
    fileprivate var unsubscribePage: UnsubscribePage {
        UnsubscribePage(acceptLanguage: headers[.acceptLanguage])
    }

    /// Reads the fields of the page's own form; `nil` where the body is not a form.
    ///
    /// The body of a one-click request has no information, in whatever encoding (RFC 8058 section 3.2).
    fileprivate func form() async throws -> Query? {
        let body = try await body(upTo: Self.smallBody)
        return try? Query(String(buffer: body))
    }
}
