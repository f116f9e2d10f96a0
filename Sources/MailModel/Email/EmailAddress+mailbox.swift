/// The handling of recipients that are suspicious although their addresses are well-formed.
package enum RecipientCheck: String, Sendable, CaseIterable {
    /// The check is not made.
    case off
    /// The email is accepted with a warning in the answer.
    case warn
    /// The email is refused as `BAD_TO`.
    case refuse
}

extension EmailAddress {
    /// Whether the mailbox belongs to a role and not to a person: its readers have subscribed to nothing, and some report all spam.
    package var isRole: Bool {
        let name = localPart.lowercased().prefix { $0 != "+" }
        return Self.roles.contains(String(name)) || Self.roleEndings.contains { name.hasSuffix($0) }
    }

    private static let roles: Set<String> = [
        // RFC 2142 sections 3 to 5.
        "info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "usenet", "news", "webmaster",
        "www",
        "uucp", "ftp",
        // List servers, mail servers and operating systems.
        "admin", "administrator", "bounce", "bounces", "daemon", "devnull", "list", "listserv", "mailer-daemon", "majordomo", "nobody",
        "null",
        "root", "spam", "sysadmin", "undisclosed-recipients",
        // Unread mailboxes.
        "do-not-reply", "donotreply", "no-reply", "noreply",
    ]

    /// RFC 2142 section 6: the addresses of a list's owner and for subscribing.
    private static let roleEndings = ["-request", "-owner", "-bounces"]

    /// Whether the address says that nobody reads what is sent to it: `no-reply@`, `donotreply@`, `orders.noreply@`.
    package var isNoReply: Bool {
        let name = String(localPart.lowercased().prefix { $0 != "+" }.filter { $0.isLetter || $0.isNumber })
        return ["noreply", "donotreply", "dontreply"].contains { name.hasPrefix($0) || name.hasSuffix($0) }
    }

    /// Whether the address belongs to the capture transport's simulator.
    ///
    /// It is never suppressed, so that it can be used again.
    package var isSimulator: Bool {
        domain.description == "simulator.martlet.test"
    }

    /// Whether the address belongs to SES's mailbox simulator, which SES does not count in its rates either.
    package var isSESSimulator: Bool {
        domain.description == "simulator.amazonses.com"
    }

    /// Whether the address belongs to either simulator: it is neither checked before sending nor suppressed.
    package var isOfAnySimulator: Bool { isSimulator || isSESSimulator }
}
