import Hummingbird
import MailModel
import NIOCore
import Sending
import Web

/// `/u/{token}`: what the unsubscribe link in an email leads to (specification 5.4, RFC 8058).
///
/// GET asks, POST does: mail scanners follow every link they see. No cookie is needed, and nothing is redirected.
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
            schema: .map(.string), contentType: "application/x-www-form-urlencoded", isRequired: false,
            example: "List-Unsubscribe=One-Click"),
        .text("It is done.", "text/html"), .page(.notFound, "Not a link of this service."),
        .page(.gone, "The link has expired."))

    private func ask(_ call: APIRequest) async throws -> Response {
        call.unsubscribePage.page(try await unsubscribes.look(at: try call.parameter("token")))
    }

    private func act(_ call: APIRequest) async throws -> Response {
        let token = try call.parameter("token")
        let form = try await call.form()
        let finding =
            if form?["action"] == "resubscribe" {
                try await unsubscribes.resubscribe(token: token)
            } else {
                try await unsubscribes.unsubscribe(token: token, from: form?["scope"] == "account" ? .account : .sender)
            }
        return call.unsubscribePage.page(finding)
    }
}

extension APIRequest {
    fileprivate var unsubscribePage: UnsubscribePage {
        UnsubscribePage(acceptLanguage: request.headers[.acceptLanguage])
    }

    /// The fields of the page's own form. The body of a one-click request says nothing that the link does not, in whatever encoding it
    /// comes (RFC 8058 section 3.2): what cannot be read as a form has no fields.
    fileprivate func form() async throws -> Query? {
        let body = try await body(upTo: Self.smallBody)
        return try? Query(String(buffer: body))
    }
}
