import DNS

/// The DNS queries of a check, by record type.
struct RecordLookup: Sendable {
    typealias Ask = @Sendable (_ name: String, _ type: DNSRecordType) async -> DNSAnswer

    let ask: Ask

    /// The TXT records of a name; `nil` where the DNS does not answer.
    func texts(_ name: String) async -> [String]? {
        await records(name, .txt).map { $0.compactMap { if case .txt(let text) = $0 { text } else { nil } } }
    }

    /// The targets of the CNAME records of a name; `nil` where the DNS does not answer.
    func aliases(_ name: String) async -> [String]? {
        await records(name, .cname).map { $0.compactMap { if case .cname(let target) = $0 { target } else { nil } } }
    }

    /// The mail servers of a name, the preferred ones first; an empty name refuses all mail (RFC 7505).
    ///
    /// `nil` where the DNS does not answer.
    func exchanges(_ name: String) async -> [(preference: UInt16, exchange: String)]? {
        let records = await records(name, .mx)
        return records.map { records in
            records.compactMap { record -> (preference: UInt16, exchange: String)? in
                if case .mx(let preference, let exchange) = record { (preference, exchange) } else { nil }
            }.sorted { ($0.preference, $0.exchange) < ($1.preference, $1.exchange) }
        }
    }

    private func records(_ name: String, _ type: DNSRecordType) async -> [DNSRecord]? {
        let answer = await ask(name, type)
        // A name that is not valid in the DNS has no records.
        if case .failed(let failure) = answer, failure != .invalidName { return nil }
        return answer.records
    }
}
