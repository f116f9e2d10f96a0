import Hummingbird
import MailModel
import Storage
import Web

extension Store {
    /// The account that a call is about: the customer's own, or the one that the master names; `nil` when it names none.
    ///
    /// - Parameter reference: `userName` of the call.
    func account(_ reference: String?, for principal: Principal) async throws -> Account? {
        if case .client(let key) = principal {
            guard reference == nil || reference == key.account.reference else { throw APIError.notFound("Account") }
            return key.account
        }
        guard let reference else { return nil }
        guard let account = try await read({ try $0.account(reference: reference) }) else { throw APIError.notFound("Account") }
        return account
    }

    func requiredAccount(_ reference: String?, for principal: Principal) async throws -> Account {
        guard let account = try await account(reference, for: principal) else {
            throw APIError.invalid("userName", "missing, the master token needs the account that is meant")
        }
        return account
    }
}

extension Documentation.Parameter {
    static let userName = Self(
        name: "userName", schema: .string, description: "The account (partner_ref), for the master; a client has only its own.")
}

extension Documentation.Answer {
    /// To a `userName` in the body; one in the query is described with the parameter.
    static let accountNotFound = Self.json(
        .notFound, "There is no such account, or it is another one than the key's.", .reference("EnvelopeError"))
}
