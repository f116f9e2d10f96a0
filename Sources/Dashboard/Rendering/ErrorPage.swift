import Hummingbird
import Web

/// What went wrong, in words for people.
struct ErrorPage {
    let title: String
    let text: String
    /// A form was refused: what was typed is still in the browser.
    let goesBack: Bool

    init(_ error: APIError, goesBack: Bool = false) {
        title = Self.title(of: error.status)
        text = error.message
        self.goesBack = goesBack
    }

    /// The page outside of a session, or where nothing is known of one.
    static func response(_ error: APIError) -> Response {
        let page = ErrorPage(error)
        var response = Response.page(Template.error.render(page, in: Layout(title: page.title)), status: error.status)
        for field in error.headers { response.headers[field.name] = field.value }
        return response
    }

    private static func title(of status: HTTPResponse.Status) -> String {
        switch status {
        case .notFound: "Not found"
        case .forbidden: "Not allowed"
        case .methodNotAllowed: "Not that way"
        case .tooManyRequests, .serviceUnavailable: "A moment, please"
        case .badGateway: "Amazon SES did not agree"
        default: status.kind == .serverError ? "Something went wrong" : "That did not work"
        }
    }
}

extension Template {
    static let error = Template(PackageResources.error_mustache)
}
