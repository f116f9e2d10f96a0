import MailModel

extension VerificationRecords {
    /// The lifetime of a record in the zone file, in seconds: short, so that a mistake is soon forgotten.
    private static let lifetime = 300

    /// The records as a zone file (RFC 1035 section 5.1): absolute names, one record in a line.
    package var zoneFile: String {
        let lines = dnsRecords.map { "\($0.name). \(Self.lifetime) IN \($0.type) \($0.zoneData)" }
        return "; The records of \(domain) for Amazon SES\n" + lines.map { "\($0)\n" }.joined()
    }
}

extension VerificationRecords.Record {
    /// The most bytes of one string of a TXT record (RFC 1035 section 3.3.14).
    private static let longestString = 255

    /// The value as a zone file has it: names with a dot at the end, texts quoted and split.
    fileprivate var zoneData: String {
        type == "TXT" ? strings.map(Self.quoted).joined(separator: " ") : "\(value)."
    }

    private var strings: [ArraySlice<UInt8>] {
        let bytes = Array(value.utf8)
        return stride(from: 0, to: max(bytes.count, 1), by: Self.longestString).map { bytes[$0...].prefix(Self.longestString) }
    }

    /// Quotes and backslashes are escaped, and bytes that are not printable by their decimal value.
    private static func quoted(_ bytes: ArraySlice<UInt8>) -> String {
        let escaped = bytes.map { byte in
            switch byte {
            case UInt8(ascii: "\""), UInt8(ascii: "\\"): "\\" + String(UnicodeScalar(byte))
            case 0x20...0x7E: String(UnicodeScalar(byte))
            default: "\\" + String(repeating: "0", count: byte < 10 ? 2 : byte < 100 ? 1 : 0) + String(byte)
            }
        }
        return "\"" + escaped.joined() + "\""
    }
}
