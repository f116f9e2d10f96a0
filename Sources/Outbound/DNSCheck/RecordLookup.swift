import DNS

/// Asks the DNS for the records of a check.
struct RecordLookup: Sendable {
    typealias Ask = @Sendable (_ name: String, _ type: DNSRecordType) async -> DNSAnswer

    let ask: Ask

    /// The TXT records of a name; `nil` where the DNS does not say.
    func texts(_ name: String) async -> [String]? {
        await records(name, .txt).map { $0.compactMap { if case .txt(let text) = $0 { text } else { nil } } }
    }

    func aliases(_ name: String) async -> [String]? {
        await records(name, .cname).map { $0.compactMap { if case .cname(let target) = $0 { target } else { nil } } }
    }

    /// Mail servers, the preferred ones first; one of the name "" refuses all mail.
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
        // A name that cannot be asked for has no records.
        if case .failed(let failure) = answer, failure != .invalidName { return nil }
        return answer.records
    }
}
