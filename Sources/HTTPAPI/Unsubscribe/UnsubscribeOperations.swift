import Hummingbird
import MailModel
import NIOCore
import Sending

/// `/u/{token}`: what the unsubscribe link in an email leads to (contract section 4, RFC 8058).
///
/// GET asks, POST does: mail scanners follow every link they see. The body of the POST says nothing that the token does not.
struct UnsubscribeOperations: Sendable {
    let unsubscribes: UnsubscribeService

    var operations: [Operation] {
        [
            .open(.get, "/u/{token}", Self.askDocumentation, ask),
            .open(.post, "/u/{token}", Self.unsubscribeDocumentation, unsubscribe),
        ]
    }

    private static let askDocumentation = Documentation(
        "The page of an unsubscribe link, which asks and changes nothing", .text("The page.", "text/html"))

    private static let unsubscribeDocumentation = Documentation(
        "Unsubscribe the recipient of an email from its sender (RFC 8058, one click)", .text("It is done.", "text/html"))

    private func ask(_ call: Call) async throws -> Response {
        guard let invitation = try await unsubscribes.invitation(token: try call.parameter("token")) else { return Self.unknown }
        return Self.page(
            "Unsubscribe",
            """
            <p>Shall <b>\(Self.escaped(invitation.sender))</b> no longer write to <b>\(Self.escaped(invitation.recipient))</b>?</p>
            <form method="post"><button type="submit">Unsubscribe</button></form>
            """)
    }

    private func unsubscribe(_ call: Call) async throws -> Response {
        guard let invitation = try await unsubscribes.unsubscribe(token: try call.parameter("token")) else { return Self.unknown }
        return Self.page(
            "Unsubscribed",
            "<p><b>\(Self.escaped(invitation.sender))</b> will no longer write to <b>\(Self.escaped(invitation.recipient))</b>.</p>")
    }

    private static let unknown = page(
        "Link not valid", "<p>This link is not valid, or the email is no longer known.</p>", status: .notFound)

    private static func page(_ title: String, _ content: String, status: HTTPResponse.Status = .ok) -> Response {
        let html = """
            <!DOCTYPE html>
            <html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
            <meta name="robots" content="noindex"><title>\(title)</title></head>
            <body><main><h1>\(title)</h1>
            \(content)
            </main></body></html>

            """
        return Response(
            status: status,
            headers: [
                .contentType: "text/html; charset=utf-8", .cacheControl: "no-store", .xContentTypeOptions: "nosniff",
                .contentSecurityPolicy: "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
            ],
            body: ResponseBody(byteBuffer: ByteBuffer(string: html)))
    }

    private static func escaped(_ address: EmailAddress) -> String {
        address.description.unicodeScalars.reduce(into: "") { text, scalar in
            switch scalar {
            case "&": text += "&amp;"
            case "<": text += "&lt;"
            case ">": text += "&gt;"
            case "\"": text += "&quot;"
            case "'": text += "&#39;"
            default: text.unicodeScalars.append(scalar)
            }
        }
    }
}
