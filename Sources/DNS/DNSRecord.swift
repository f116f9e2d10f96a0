/// The types of records that are asked for, as RFC 1035 section 3.2.2 and RFC 3596 number them.
package enum DNSRecordType: UInt16, Sendable, CaseIterable {
    case a = 1
    case cname = 5
    case mx = 15
    case txt = 16
    case aaaa = 28
}

/// What a record says. Names are in lower case and without the dot at the end; what is no letter, digit, hyphen or underscore in them is
/// escaped as in RFC 1035 section 5.1.
package enum DNSRecord: Sendable, Hashable {
    /// An IPv4 address, `192.0.2.1`.
    case a(String)
    /// An IPv6 address in full, `2001:db8:0:0:0:0:0:1`.
    case aaaa(String)
    case cname(String)
    /// An exchange of the name "" says that the domain takes no mail (RFC 7505).
    case mx(preference: UInt16, exchange: String)
    /// The strings of the record, put together as RFC 7208 section 3.3 and RFC 6376 section 3.6.2.2 want them.
    case txt(String)

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

/// What the DNS said to a question.
package enum DNSAnswer: Sendable, Equatable {
    /// At least one record of the type that was asked for.
    case records([DNSRecord])
    /// The name exists and has no such record (NODATA).
    case noData
    /// There is no such name (NXDOMAIN).
    case noSuchName
    /// It is not known: the same question may be answered later.
    case failed(DNSFailure)

    /// The records; none where the answer has none.
    package var records: [DNSRecord] {
        if case .records(let records) = self { records } else { [] }
    }
}

/// Why a question has no answer.
package enum DNSFailure: String, Sendable, Error {
    /// No server answered in time.
    case noAnswer
    /// A server could not tell, or would not (SERVFAIL, REFUSED).
    case serverFailure
    /// The answer is no DNS message.
    case malformed
    /// More questions wait than may.
    case overloaded
    /// The text is no name that could be asked for.
    case invalidName
}
