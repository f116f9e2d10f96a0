extension KeyBounds {
    /// Reads the domains that a key is bound to, as callers write them; each once.
    ///
    /// - Throws: ``Refusal`` that names the entry at fault, such as `domains[1]`.
    package static func domains(_ texts: [String]) throws(Refusal) -> [DomainName] {
        try checkCount(texts, "domains")
        var domains: [DomainName] = []
        for (index, text) in texts.enumerated() {
            do throws(DomainName.Invalid) {
                let domain = try DomainName(text)
                if !domains.contains(domain) { domains.append(domain) }
            } catch {
                throw .invalid("domains[\(index)]", error.description)
            }
        }
        return domains
    }

    /// Reads the addresses and networks that a key is bound to, as callers write them; each once.
    ///
    /// - Throws: ``Refusal`` that names the entry at fault, such as `allowed_ips[1]`.
    package static func networks(_ texts: [String]) throws(Refusal) -> [IPNetwork] {
        try checkCount(texts, "allowed_ips")
        var networks: [IPNetwork] = []
        for (index, text) in texts.enumerated() {
            guard let network = IPNetwork(text)?.unmapped else {
                throw .invalid(
                    "allowed_ips[\(index)]",
                    "expected an address or a network without bits behind its length, such as 192.0.2.7 or 2001:db8::/32")
            }
            if !networks.contains(network) { networks.append(network) }
        }
        return networks
    }

    /// Reads a limit of requests a second.
    ///
    /// - Throws: ``Refusal`` for a number outside ``rateLimits``.
    package static func rateLimit(_ number: Int64) throws(Refusal) -> Int {
        guard let limit = Int(exactly: number), rateLimits.contains(limit) else {
            throw .invalid("rate_limit", "must be \(rateLimits.lowerBound) to \(rateLimits.upperBound) requests a second")
        }
        return limit
    }

    private static func checkCount(_ texts: [String], _ field: String) throws(Refusal) {
        guard texts.count <= maximumEntries else {
            throw .invalid(field, "must have at most \(maximumEntries) entries, found \(texts.count)")
        }
    }
}
