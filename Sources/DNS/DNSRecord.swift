/// The record types that are queried, with their numbers (RFC 1035 section 3.2.2, RFC 3596).
package enum DNSRecordType: UInt16, Sendable, CaseIterable {
    case a = 1
    case cname = 5
    case mx = 15
    case txt = 16
    case aaaa = 28
}

/// A record.
///
/// Names are in lower case and without the dot at the end; characters other than letters, digits, hyphens and underscores are escaped as in
/// RFC 1035 section 5.1.
package enum DNSRecord: Sendable, Hashable {
    /// An IPv4 address, `192.0.2.1`.
    case a(String)
    /// An IPv6 address in full, `2001:db8:0:0:0:0:0:1`.
    case aaaa(String)
    /// The name that the record's name is an alias of.
    case cname(String)
    /// A mail server; the empty name says that the domain takes no mail (RFC 7505).
    case mx(preference: UInt16, exchange: String)
    /// The strings of the record, concatenated without separators (RFC 7208 section 3.3, RFC 6376 section 3.6.2.2).
    case txt(String)

    /// The type of the record.
    package var type: DNSRecordType {
        switch self {
        case .a: .a
        case .aaaa: .aaaa
        case .cname: .cname
        case .mx: .mx
        case .txt: .txt
        }
    }
}

/// The answer of the DNS to a question.
package enum DNSAnswer: Sendable, Equatable {
    /// At least one record of the queried type.
    case records([DNSRecord])
    /// The name exists and has no record of the queried type (NODATA).
    case noData
    /// The name does not exist (NXDOMAIN).
    case noSuchName
    /// There is no answer now; the same question may be answered later.
    case failed(DNSFailure)

    /// The records of the answer; empty for other answers.
    package var records: [DNSRecord] {
        if case .records(let records) = self { records } else { [] }
    }
}

/// Why a question was not answered.
package enum DNSFailure: String, Sendable, Error {
    /// No server answered in time.
    case noAnswer
    /// A server failed or refused (SERVFAIL, REFUSED).
    case serverFailure
    /// The answer is not a valid DNS message.
    case malformed
    /// Too many questions are under way.
    case overloaded
    /// The text is not a valid name.
    case invalidName
}
