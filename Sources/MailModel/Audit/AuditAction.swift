/// What was done, as the audit log names it: the kind of its target and a verb (specification 2.7).
///
/// The log is kept for more than a year: a case that is not used any more stays, so that its rows can still be searched for.
package enum AuditAction: String, Sendable, CaseIterable {
    // Domains.
    case domainCreate = "domain.create"
    case domainDelete = "domain.delete"
    case domainOwner = "domain.owner"
    case domainApprove = "domain.approve"
    /// Verification with SES was requested.
    case domainRequest = "domain.request"
    /// Ownership or SES's verification was proven: the domain may send.
    case domainVerify = "domain.verify"
    /// A domain lost its proof or SES's verification.
    case domainFail = "domain.fail"
    /// A claim was not proven in time, or another account proved the name.
    case domainLapse = "domain.lapse"
    /// The outbound configuration was changed, its status aside.
    case domainUpdate = "domain.update"
    case domainSuspend = "domain.suspend"
    case domainActivate = "domain.activate"

    // Accounts.
    case accountCreate = "account.create"
    case accountLimits = "account.limits"
    case accountContacts = "account.contacts"
    /// A rate reached the threshold of a warning.
    case accountWarn = "account.warn"
    case accountBlock = "account.block"
    case accountLift = "account.lift"
    /// The master kept a block after a review.
    case accountKeep = "account.keep"

    // API keys and sessions.
    case keyCreate = "key.create"
    case keyUpdate = "key.update"
    case keyRotate = "key.rotate"
    case keyDelete = "key.delete"
    case sessionCreate = "session.create"
    case sessionEnd = "session.end"

    // People.
    case userInvite = "user.invite"
    case userCreate = "user.create"
    /// A person has used the invitation.
    case userJoin = "user.join"
    case userUpdate = "user.update"
    case userDisable = "user.disable"
    case userEnable = "user.enable"
    case userDelete = "user.delete"
    /// A link for a new password was made.
    case userReset = "user.reset"
    /// A new password was set.
    case userPassword = "user.password"
    /// A second factor was set up.
    case userFactorAdd = "user.factor_add"
    /// The second factor was taken off.
    case userFactorRemove = "user.factor_remove"

    // Sending.
    case senderRequest = "sender.request"
    case senderApprove = "sender.approve"
    /// SES has verified the address.
    case senderVerify = "sender.verify"
    /// SES has not verified the address, or does not know it any more.
    case senderFail = "sender.fail"
    case senderDelete = "sender.delete"
    case templateCreate = "template.create"
    case templateUpdate = "template.update"
    case templateDelete = "template.delete"

    // Recipients.
    /// What is known of a recipient is erased.
    case recipientErase = "recipient.erase"
    case suppressionAdd = "suppression.add"
    case suppressionRemove = "suppression.remove"
    /// A file was imported: one row, with the numbers of its entries.
    case suppressionImport = "suppression.import"

    // Callbacks.
    case endpointCreate = "endpoint.create"
    case endpointUpdate = "endpoint.update"
    case endpointDelete = "endpoint.delete"
    case callbackSecretRotate = "callback_secret.rotate"

    // The database.
    /// A backup was put in place.
    case databaseRestore = "database.restore"
    /// A restored database was released: sending began.
    case databaseRelease = "database.release"

    // The node.
    case countersResetDaily = "counters.reset_daily"
    case countersResetMonthly = "counters.reset_monthly"

    /// What the action is about: the part before the point, such as `domain`.
    package var subject: String {
        String(rawValue.prefix { $0 != "." })
    }

    /// The subjects of all actions, each once, in the order of the cases.
    package static let subjects: [String] = allCases.map(\.subject).reduce(into: []) { subjects, subject in
        if !subjects.contains(subject) { subjects.append(subject) }
    }
}
