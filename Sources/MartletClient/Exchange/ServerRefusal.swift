/// A request that the server has refused; nothing was changed by it.
public struct ServerRefusal: Error, Sendable, CustomStringConvertible {
    /// A field of the request that is at fault.
    public struct FieldError: Codable, Sendable, Equatable {
        /// The field, as the request names it.
        public var field: String
        /// The stable word for what is wrong with it.
        public var code: String
        /// What is wrong with it, and what was expected, in a sentence.
        public var message: String

        enum CodingKeys: String, CodingKey, CaseIterable {
            case field, code, message
        }
    }

    /// The status code of HTTP.
    public var status: Int
    /// The stable word for the reason, such as `invalid_value`; `nil` where something between here and the server has answered.
    public var code: String?
    /// The reason in a sentence, for people.
    public var explanation: String
    /// Every field that is at fault; empty where the reason is another one.
    public var errors: [FieldError]
    /// The status that names the reason for which an email was refused, such as `BAD_FROM`.
    public var emailStatus: EmailStatus?
    /// The time after which it may be tried again.
    public var retryAfter: Duration?

    /// The status and the sentence.
    public var description: String { "\(status): \(explanation)" }

    /// Creates the error of an answer that is no success, in either form of errors.
    public init(_ response: ClientResponse) {
        let body = try? ClientCoding.decode(Body.self, from: response.body)
        status = response.status
        code = body?.code ?? body?.meta?.code
        explanation = body?.detail ?? body?.meta?.explain ?? "the server answered \(response.status)"
        errors = body?.errors ?? body?.meta?.errors ?? []
        emailStatus = body?.data?.status
        retryAfter = response.retryAfter
    }

    /// The members of both forms.
    private struct Body: Decodable {
        struct Meta: Decodable {
            var explain: String?
            var code: String?
            var errors: [FieldError]?
        }

        struct Email: Decodable {
            var status: EmailStatus?
        }

        var detail: String?
        var code: String?
        var errors: [FieldError]?
        var meta: Meta?
        var data: Email?
    }
}
