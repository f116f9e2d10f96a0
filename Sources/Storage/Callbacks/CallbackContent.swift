import Database
package import MailModel

/// What a callback's body needs to know besides its event.
package struct CallbackContent: Sendable {
    /// Without its text; `nil` where the event is about the account.
    package var email: Email?
    /// The account's reference.
    package var userName: String
}

extension ReadContext {
    package func callbackContents(of claim: CallbackClaim) throws -> CallbackContent {
        let email = try claim.delivery.emailID.flatMap { id in
            try transaction.first("\(EmailRow.selectSummary) WHERE e.id = ?1", [.id(id)], EmailRow.decode)
        }
        let userName = try email?.userName ?? account(claim.delivery.accountID)?.reference ?? ""
        return CallbackContent(email: email, userName: userName)
    }
}
