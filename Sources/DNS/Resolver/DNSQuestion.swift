import CResolver

/// A name and the type of record that is wanted of it.
package struct DNSQuestion: Sendable, Hashable {
    package let name: String
    package let type: DNSRecordType

    /// - Returns: `nil` for a text that is no name: empty, too long, or with what would end it early.
    package init?(name: String, type: DNSRecordType) {
        let name = name.last == "." ? String(name.dropLast()) : name
        let bytes = name.utf8
        guard (1...253).contains(bytes.count), bytes.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "\\") }) else {
            return nil
        }
        self.name = name.lowercased()
        self.type = type
    }

    /// What is learned by asking.
    package struct Finding: Sendable, Equatable {
        package var answer: DNSAnswer
        /// What the DNS says of how long it holds, in seconds; `nil` where it does not.
        package var timeToLive: UInt32?

        package init(answer: DNSAnswer, timeToLive: UInt32? = nil) {
            self.answer = answer
            self.timeToLive = timeToLive
        }
    }

    /// Asks with the system's resolver, and blocks its thread meanwhile: some seconds at the most for each server.
    package func ask(_ nameserver: Nameserver?) -> Finding {
        var length: Int32 = 0
        // The longest message there can be over TCP, which the resolver turns to for what does not fit into a datagram.
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

    /// Reads a message; records of another type than was asked for, such as the aliases that led to them, are left out.
    package func finding(in bytes: [UInt8]) -> Finding {
        guard let message = try? DNSMessage(parsing: bytes) else { return Finding(answer: .failed(.malformed)) }
        let records = message.records.filter { $0.type == type }
        return Finding(answer: records.isEmpty ? .noData : .records(records), timeToLive: message.timeToLive)
    }
}
