import MailModel

/// Where callbacks may lead (specification 7.2): customers choose the URLs, and must not reach by them what they cannot reach themselves.
package struct AddressPolicy: Sendable {
    /// Private, shared, loopback and unique local addresses may be called too, and plain http (`callbacks.allowPrivate`).
    package var allowsPrivate: Bool
    /// Plain http may be called (`callbacks.allowHTTP`).
    package var allowsHTTP: Bool

    package init(allowsPrivate: Bool = false, allowsHTTP: Bool = false) {
        self.allowsPrivate = allowsPrivate
        self.allowsHTTP = allowsHTTP || allowsPrivate
    }

    /// Why a URL can never be called, whatever its name resolves to; `nil` where it may be.
    func refusal(of url: WebURL) -> String? {
        if url.scheme != "https", !allowsHTTP { return "only https is allowed" }
        return IPAddress(literal: url.host).flatMap(refusal)
    }

    /// Why an address must not be connected to; `nil` where it may be.
    func refusal(of address: IPAddress) -> String? {
        if let range = AddressRange.all.first(where: { $0.network.contains(address) }) {
            return allowsPrivate && range.isPrivate ? nil : "the address is not public (\(range.name))"
        }
        // What is not in 2000::/3 was never given to anybody (RFC 4291 section 2.4).
        if case .v6(let bits) = address, bits >> 125 != 1 { return "the address is not public (unassigned)" }
        return nil
    }
}
