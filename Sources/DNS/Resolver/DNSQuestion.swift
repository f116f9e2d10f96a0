import CResolver

/// A DNS question: a name and a record type.
package struct DNSQuestion: Sendable, Hashable {
    /// In lower case, without a dot at the end.
    package let name: String
    /// The queried type.
    package let type: DNSRecordType

    /// - Returns: `nil` for a text that is not a name: empty, too long, or with characters that would end it early.
    package init?(name: String, type: DNSRecordType) {
        let name = name.last == "." ? String(name.dropLast()) : name
        let bytes = name.utf8
        guard (1...253).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            return nil
        }
        self.name = name.lowercased()
        self.type = type
    }

    /// The result of a query.
    package struct Finding: Sendable, Equatable {
        /// The answer.
        package var answer: DNSAnswer
        /// How long the answer is valid, in seconds; `nil` where the DNS does not say.
        package var timeToLive: UInt32?

        /// An answer with its time to live.
        package init(answer: DNSAnswer, timeToLive: UInt32? = nil) {
            self.answer = answer
            self.timeToLive = timeToLive
        }
    }

    /// Queries with the system's resolver, which blocks the thread for some seconds at most for each server.
    package func ask(_ nameserver: Nameserver?) -> Finding {
        var length: Int32 = 0
        // The maximum size of a message over TCP, which the resolver uses for answers that do not fit into a datagram.
        let bytes = [UInt8](unsafeUninitializedCapacity: 65_535) { buffer, count in
            length = cresolver_query(
                name, Int32(type.rawValue), nameserver?.address ?? 0, nameserver?.port ?? 0, 1, 2, buffer.baseAddress, Int32(buffer.count))
            count = max(0, Int(length))
        }
        switch length {
        case Int32(CRESOLVER_NO_SUCH_NAME): return Finding(answer: .noSuchName)
        case Int32(CRESOLVER_NO_DATA): return Finding(answer: .noData)
        case Int32(CRESOLVER_SERVER_FAILURE): return Finding(answer: .failed(.serverFailure))
        case ..<0: return Finding(answer: .failed(.noAnswer))
        default: return finding(in: bytes)
        }
    }

    /// Returns the result in a message, without records of other types, such as the aliases that were followed.
    package func finding(in bytes: [UInt8]) -> Finding {
        guard let message = try? DNSMessage(parsing: bytes) else { return Finding(answer: .failed(.malformed)) }
        let records = message.records.filter { $0.type == type }
        return Finding(answer: records.isEmpty ? .noData : .records(records), timeToLive: message.timeToLive)
    }
}

/// A DNS server to query in place of those in `/etc/resolv.conf`.
package struct Nameserver: Sendable, Equatable {
    /// An IPv4 address, the first octet in the highest bits.
    let address: UInt32
    let port: UInt16

    /// Reads `192.0.2.1` or `192.0.2.1:5353`; `nil` for anything else.
    package init?(_ text: String) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        let octets = parts[0].split(separator: ".", omittingEmptySubsequences: false).map { UInt8($0) }
        guard parts.count <= 2, octets.count == 4, let port = parts.count == 2 ? UInt16(parts[1]) : 53, port > 0 else { return nil }
        var address: UInt32 = 0
        for octet in octets {
            guard let octet else { return nil }
            address = address << 8 | UInt32(octet)
        }
        self.address = address
        self.port = port
    }
}
