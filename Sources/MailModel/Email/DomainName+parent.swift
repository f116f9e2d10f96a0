extension DomainName {
    /// `example.com` of `mail.example.com`; `nil` where that would be a single label, which sends no mail.
    package var parent: DomainName? {
        guard let dot = description.firstIndex(of: ".") else { return nil }
        let rest = description[description.index(after: dot)...]
        return rest.contains(".") ? DomainName(validated: String(rest)) : nil
    }

    /// Whether this is `other` or lies below it: SES's verification of a domain covers its subdomains.
    package func isWithin(_ other: DomainName) -> Bool {
        self == other || description.hasSuffix("." + other.description)
    }
}
