/// What a caller can be allowed to do: a row of the table of rights (``Action/holders``, specification 2.5).
///
/// Every operation of the API and every page of the dashboard declares the action that it is. Actions are as fine as operations and roles
/// need to be told apart: a role that may lift suppressions but add none needs two.
package enum Action: String, Sendable, CaseIterable {
    // Emails
    case emailsSend = "emails.send"
    case emailsRead = "emails.read"
    case emailsCancel = "emails.cancel"
    case emailsLinks = "emails.links"
    case templatesRead = "templates.read"
    case templatesManage = "templates.manage"
    case subscriptionsRequest = "subscriptions.request"
    case subscriptionsRead = "subscriptions.read"
    case subscriptionsManage = "subscriptions.manage"
    case suppressionsRead = "suppressions.read"
    case suppressionsAdd = "suppressions.add"
    case suppressionsLift = "suppressions.lift"
    case recipientsRead = "recipients.read"
    case recipientsErase = "recipients.erase"
    case jobsRead = "jobs.read"
    case callbacksRead = "callbacks.read"
    case callbacksManage = "callbacks.manage"
    case callbacksSecret = "callbacks.secret"
    case callbacksReplay = "callbacks.replay"
    case reportsRead = "reports.read"
    // Domains and senders
    case domainsCreate = "domains.create"
    case domainsRead = "domains.read"
    case domainsUpdate = "domains.update"
    case domainsDelete = "domains.delete"
    case domainsVerify = "domains.verify"
    case domainsLimits = "domains.limits"
    case domainsControl = "domains.control"
    case domainsAssign = "domains.assign"
    case domainsApprove = "domains.approve"
    case outboundIncrement = "outbound.increment"
    case sendersRead = "senders.read"
    case sendersManage = "senders.manage"
    case sendersApprove = "senders.approve"
    // Accounts
    case accountsRead = "accounts.read"
    case accountsReview = "accounts.review"
    case accountsLimits = "accounts.limits"
    case accountsOutbound = "accounts.outbound"
    case accountsContacts = "accounts.contacts"
    case usageRead = "usage.read"
    case reputationRead = "reputation.read"
    case keysRead = "keys.read"
    case keysManage = "keys.manage"
    case auditRead = "audit.read"
    case eventsRead = "events.read"
    // People
    case usersRead = "users.read"
    case usersManage = "users.manage"
    /// One's own password, second factor, sessions and personal keys.
    case profileManage = "profile.manage"
    // The platform
    case dashboardOpen = "dashboard.open"
    case billingRead = "billing.read"
    case periodsReset = "periods.reset"
    case metricsRead = "metrics.read"
}
