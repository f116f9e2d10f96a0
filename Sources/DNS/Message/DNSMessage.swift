/// The answer section of a DNS message (RFC 1035 section 4).
///
/// Messages are not trusted: every length and count is bounded.
package struct DNSMessage: Equatable {
    /// The records of known types, in the order of the message.
    package var records: [DNSRecord] = []
    /// The shortest time to live of the records, in seconds.
    package var timeToLive: UInt32 = .max

    /// A message with more records than this is refused.
    private static let mostAnswers = 1000

    /// - Throws: ``DNSReader/Malformed`` for bytes that are not a valid message.
    package init(parsing bytes: [UInt8]) throws(DNSReader.Malformed) {
        var reader = DNSReader(bytes)
        _ = try reader.uint32()
        let questions = try reader.uint16()
        let answers = try reader.uint16()
        _ = try reader.uint32()
        guard questions <= 1, answers <= Self.mostAnswers else { throw DNSReader.Malformed() }
        for _ in 0..<questions {
            _ = try reader.name()
            _ = try reader.uint32()
        }
        for _ in 0..<answers { try readRecord(&reader) }
    }

    private static let internet: UInt16 = 1

    private mutating func readRecord(_ reader: inout DNSReader) throws(DNSReader.Malformed) {
        _ = try reader.name()
        let type = try reader.uint16()
        let recordClass = try reader.uint16()
        let lifetime = try reader.uint32()
        let length = Int(try reader.uint16())
        let start = reader.position
        let data = try reader.bytes(length)
        guard recordClass == Self.internet else { return }
        // RFC 2181 section 8: a value with the highest bit set counts as 0.
        timeToLive = min(timeToLive, lifetime > Int32.max ? 0 : lifetime)
        guard let type = DNSRecordType(rawValue: type) else { return }
        var content = DNSReader(reader.bytes, at: start)
        records.append(try Self.record(type, data, &content))
        guard content.position == reader.position else { throw DNSReader.Malformed() }
    }

    /// - Parameter reader: at the beginning of the data. Names in it may point back into the message; the caller checks where the reader
    ///   ends.
    private static func record(
        _ type: DNSRecordType, _ data: ArraySlice<UInt8>, _ reader: inout DNSReader
    ) throws(DNSReader.Malformed) -> DNSRecord {
        switch type {
        case .a:
            return .a(try reader.bytes(4).map(String.init).joined(separator: "."))
        case .aaaa:
            var groups: [String] = []
            for _ in 0..<8 { groups.append(String(try reader.uint16(), radix: 16)) }
            return .aaaa(groups.joined(separator: ":"))
        case .cname:
            return .cname(try reader.name())
        case .mx:
            return .mx(preference: try reader.uint16(), exchange: try reader.name())
        case .txt:
            var text: [UInt8] = []
            repeat { text += try reader.bytes(Int(try reader.byte())) } while reader.position < data.endIndex
            return .txt(String(decoding: text, as: UTF8.self))
        }
    }
}
