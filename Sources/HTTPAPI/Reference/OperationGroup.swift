/// A group of operations: a chapter of the reference, and a tag of `/openapi.json`.
struct OperationGroup: Sendable {
    let title: String
    let introduction: String
    /// The first segments of the paths of its operations.
    private let families: Set<Substring>

    private init(_ title: String, _ introduction: String, _ families: Set<Substring>) {
        self.title = title
        self.introduction = introduction
        self.families = families
    }

    /// The fragment of its address.
    var anchor: String { "group-" + title.lowercased().split(separator: " ").joined(separator: "-") }

    func contains(_ operation: Operation) -> Bool {
        families.contains(operation.path.split(separator: "/").first ?? "")
    }

    /// The groups in the order of the reference.
    ///
    /// Every operation is in exactly one of them, which a test checks.
    static let all = [
        OperationGroup(
            "Emails",
            "Send an email to one recipient, and follow its status, its timeline and the message as it was sent.",
            ["emails", "refusals", "search"]),
        OperationGroup(
            "Templates", "Subjects and texts that are kept by a name, with places for values, for emails that differ in a few words.",
            ["templates"]),
        OperationGroup(
            "Domains", "Sending domains, their verification with Amazon SES, and their outbound control: limits, counters, suspension.",
            ["domains"]),
        OperationGroup("Senders", "Single addresses to send from, where the whole domain is not yours to verify.", ["senders"]),
        OperationGroup("Suppressions", "Addresses that must not be mailed again, with the reason.", ["suppressions"]),
        OperationGroup("Recipients", "What is known of a recipient, and its erasure.", ["recipients", "jobs"]),
        OperationGroup("Subscriptions", "Double opt-in: a list whose members have confirmed that they want it.", ["subscriptions", "c"]),
        OperationGroup(
            "Callbacks", "Receive every change of status as a signed HTTP POST, and see the attempts of each.",
            ["callback-endpoints", "callback-secret", "callback-deliveries"]),
        OperationGroup("Reports", "Totals, rates and series of emails, bounces, complaints, opens and clicks.", ["reports"]),
        OperationGroup("Keys", "Client keys: what applications authenticate with.", ["api-keys"]),
        OperationGroup(
            "Accounts", "Customers, their reputation, and the review of those that were warned or blocked.", ["accounts", "usage"]),
        OperationGroup("Audit log", "Who changed what, when and from where: every change by any door, for at least a year.", ["audit"]),
        OperationGroup("Events", "What Amazon SES reported that belongs to no known email.", ["events"]),
        OperationGroup("Resets and billing", "The ends of days and months, and what was frozen for the bill.", ["outbound"]),
        OperationGroup(
            "For other programs", "What Amazon SNS, mail programs and supervisors call, and this description.",
            ["webhooks", "u", "healthz", "readyz", "metrics", "openapi.json", "docs", "docs.md", "llms.txt"]),
    ]

    static func containing(_ operation: Operation) -> OperationGroup? {
        all.first { $0.contains(operation) }
    }
}
