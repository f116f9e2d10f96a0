import Hummingbird
import MailModel
import Storage
import Web

/// The account that a request is about: the customer's own, or the one that the master names with `userName`.
struct RequestedAccount: Sendable {
    /// The value of `userName`; `nil` where it is not given.
    let reference: String?
    let principal: Principal

    init(_ reference: String?, by principal: Principal) {
        self.reference = reference
        self.principal = principal
    }

    /// Returns the account; `nil` where the master names none.
    ///
    /// - Throws: ``APIError`` 404 for an unknown account, and for a customer who names another one's.
    func find(in store: Store) async throws -> Account? {
        if let own = principal.account {
            guard reference == nil || reference == own.reference else { throw APIError.notFound("Account") }
            return own
        }
        guard let reference else { return nil }
        guard let account = try await store.read({ try $0.accounts.find(reference: reference) }) else { throw APIError.notFound("Account") }
        return account
    }

    /// Returns the account of an operation that needs one.
    ///
    /// - Throws: as ``find(in:)``, and ``APIError`` 422 where the master names none.
    func require(in store: Store) async throws -> Account {
        guard let account = try await find(in: store) else {
            throw APIError.invalid("userName", code: .missingField, "missing, the master token needs the account that is meant")
        }
        return account
    }
}

extension Documentation.Parameter {
    static let userName = Self(
        name: "userName", schema: .string, description: "The account (partner_ref), for the master; a client has only its own.")
}

extension Documentation.Answer {
    /// For a `userName` in the body; one in the query is documented by its parameter.
    static let accountNotFound = Self.json(
        .notFound, "There is no such account, or it is another one than the key's.", .envelopeError)
}
