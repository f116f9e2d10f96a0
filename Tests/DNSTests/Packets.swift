import DNS

/// Writes DNS messages byte by byte, so that the parser is not tested against itself.
enum Packet {
    static func name(_ text: String) -> [UInt8] {
        text.split(separator: ".").flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) } + [0]
    }

    static func uint16(_ value: Int) -> [UInt8] {
        [UInt8(value >> 8 & 0xFF), UInt8(value & 0xFF)]
    }

    static func uint32(_ value: Int) -> [UInt8] {
        uint16(value >> 16) + uint16(value)
    }

    /// A record in the Internet class.
    ///
    /// Its name is a pointer to the question's, unless it is given.
    static func record(_ type: DNSRecordType, _ data: [UInt8], name: [UInt8] = [0xC0, 12], lifetime: Int = 300) -> [UInt8] {
        name + uint16(Int(type.rawValue)) + uint16(1) + uint32(lifetime) + uint16(data.count) + data
    }

    static func mx(_ preference: Int, _ exchange: String) -> [UInt8] {
        uint16(preference) + name(exchange)
    }

    static func txt(_ strings: String...) -> [UInt8] {
        strings.flatMap { [UInt8($0.utf8.count)] + Array($0.utf8) }
    }

    /// - Parameter id: the two bytes at the beginning.
    static func answer(
        to question: String = "example.com", type: UInt16 = 15, records: [[UInt8]], code: Int = 0, id: [UInt8] = [1, 2]
    ) -> [UInt8] {
        id + uint16(0x8180 | code) + uint16(1) + uint16(records.count) + uint32(0) + name(question) + uint16(Int(type)) + uint16(1)
            + records.flatMap(\.self)
    }
}
