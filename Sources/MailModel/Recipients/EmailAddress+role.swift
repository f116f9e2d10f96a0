extension EmailAddress {
    /// Whether the mailbox belongs to a function and not to a person: nobody there asked for a newsletter, and some of them report spam for a living.
    package var isRole: Bool {
        let name = localPart.lowercased().prefix { $0 != "+" }
        return Self.roles.contains(String(name)) || Self.roleEndings.contains { name.hasSuffix($0) }
    }

    private static let roles: Set<String> = [
        // RFC 2142 sections 3 to 5.
        "info", "marketing", "sales", "support", "abuse", "noc", "security", "postmaster", "hostmaster", "usenet", "news", "webmaster",
        "www",
        "uucp", "ftp",
        // What list servers, mail servers and operating systems answer by.
        "admin", "administrator", "bounce", "bounces", "daemon", "devnull", "list", "listserv", "mailer-daemon", "majordomo", "nobody",
        "null",
        "root", "spam", "sysadmin", "undisclosed-recipients",
        // Nobody reads these.
        "do-not-reply", "donotreply", "no-reply", "noreply",
    ]

    /// RFC 2142 section 6: the owner's address of a list, and that for subscribing.
    private static let roleEndings = ["-request", "-owner", "-bounces"]
}
