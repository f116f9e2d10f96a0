import Hummingbird
import MailModel
import Web

/// The domain in the path of a request: a client's own, or for the master the one of the account that it names with `partner_ref`.
struct RequestedDomain: Sendable {
    let name: String
    /// The account that the master means; `nil`: the one that has proven the name, else the oldest claim.
    let reference: String?

    /// - Throws: ``APIError`` 403 for a client that names an account.
    init(_ request: APIRequest, by principal: Principal) throws(APIError) {
        name = try request.parameter("name")
        reference = request.query["partner_ref"]
        guard reference == nil || principal.may(.domainsAssign) else {
            throw APIError(.forbidden, code: .masterRequired, "Master token required to set partner_ref")
        }
    }
}

extension Documentation.Parameter {
    /// Which of several accounts' claims on one name is meant.
    static let partnerReference = Self(
        name: "partner_ref", schema: .string,
        description: "For the master, where several accounts claim the name: whose is meant. Without it the proven one, else the oldest.",
        example: "acme")
}
