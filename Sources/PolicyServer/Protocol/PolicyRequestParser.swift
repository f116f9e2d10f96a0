/// Parses the lines of requests.
///
/// Of an unfinished request it keeps nothing but its ``PolicyRequest``.
struct PolicyRequestParser {
    private var request = PolicyRequest()
    private var isAccessPolicy = false
    private var attributes = 0
    private var length = 0

    /// Parses the next line, which is passed without its end.
    ///
    /// - Returns: the request, when the line is the empty one that ends it.
    mutating func parse(_ line: UnsafeRawBufferPointer) throws(PolicyFault) -> PolicyRequest? {
        length += line.count + 1
        guard line.count <= PolicyLimits.lineLength else { throw .lineTooLong }
        guard length <= PolicyLimits.requestLength else { throw .requestTooLong }
        // Postfix ends lines with a line feed; telnet sends a carriage return as well.
        let line = line.last == UInt8(ascii: "\r") ? UnsafeRawBufferPointer(rebasing: line.dropLast()) : line
        if line.isEmpty { return try finish() }
        try parseAttribute(line)
        return nil
    }

    private mutating func finish() throws(PolicyFault) -> PolicyRequest {
        guard isAccessPolicy else { throw .otherRequest }
        defer { self = PolicyRequestParser() }
        return request
    }

    /// The name ends at the first equals sign: values may contain further ones.
    private mutating func parseAttribute(_ line: UnsafeRawBufferPointer) throws(PolicyFault) {
        attributes += 1
        guard attributes <= PolicyLimits.attributes else { throw .tooManyAttributes }
        guard let equals = line.firstIndex(of: UInt8(ascii: "=")), equals > 0 else { throw .notAnAttribute }
        let value = UnsafeRawBufferPointer(rebasing: line[(equals + 1)...])
        switch Name(UnsafeRawBufferPointer(rebasing: line[..<equals])) {
        case .request: isAccessPolicy = text(value) == "smtpd_access_policy"
        case .protocolState: request.protocolState = text(value)
        case .sender: request.sender = text(value)
        case .recipient: request.recipient = text(value)
        case .recipientCount: request.recipientCount = try count(value)
        case .saslUsername: request.saslUsername = text(value)
        case .instance: request.instance = text(value)
        case nil: break
        }
    }

    /// The names of the attributes that are used.
    private enum Name: String, CaseIterable {
        case request
        case protocolState = "protocol_state"
        case sender
        case recipient
        case recipientCount = "recipient_count"
        case saslUsername = "sasl_username"
        case instance

        private static let all = allCases.map { (name: $0, bytes: Array($0.rawValue.utf8)) }

        /// Compares bytes: no string is made of the many names that are not used.
        init?(_ name: UnsafeRawBufferPointer) {
            guard let known = Self.all.first(where: { $0.bytes.count == name.count && $0.bytes.elementsEqual(name) }) else { return nil }
            self = known.name
        }
    }

    private func text(_ bytes: UnsafeRawBufferPointer) -> String {
        String(decoding: bytes, as: UTF8.self)
    }

    private func count(_ bytes: UnsafeRawBufferPointer) throws(PolicyFault) -> Int64 {
        guard let count = Int64(text(bytes)), count >= 0 else { throw .malformedCount }
        return count
    }
}
