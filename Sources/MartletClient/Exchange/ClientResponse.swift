import FoundationEssentials
public import NIOHTTP1

/// An answer of the server, of any status.
public struct ClientResponse: Sendable {
    /// The status code.
    public var status: Int
    /// The header fields.
    public var headers: HTTPHeaders
    /// The body.
    public var body: [UInt8]

    /// Whether the server did what it was asked.
    public var isSuccess: Bool { (200..<300).contains(status) }

    /// How long the server asks to be left alone; `nil` where it does not.
    public var retryAfter: Duration? {
        headers.first(name: "Retry-After").flatMap { Int64($0) }.map { .seconds(max(0, $0)) }
    }

    /// Returns the body as a value.
    ///
    /// - Throws: ``ServerRefusal`` for an answer that is no success; `DecodingError` for another body than expected.
    func decoded<Value: Decodable>(as type: Value.Type) throws -> Value {
        guard isSuccess else { throw ServerRefusal(self) }
        return try ClientCoding.decode(type, from: body)
    }
}

/// The form of values in JSON.
enum ClientCoding {
    static func decode<Value: Decodable>(_ type: Value.Type, from bytes: [UInt8]) throws -> Value {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .custom { decoder in
            let container = try decoder.singleValueContainer()
            let text = try container.decode(String.self)
            guard let date = date(text) else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "no time: \(text)") }
            return date
        }
        return try decoder.decode(type, from: Data(bytes))
    }

    static func encode(_ value: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .custom { date, encoder in
            var container = encoder.singleValueContainer()
            try container.encode(date.formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true)))
        }
        return Array(try encoder.encode(value))
    }

    /// Reads a time of RFC 3339, with or without parts of a second.
    private static func date(_ text: String) -> Date? {
        (try? Date.ISO8601FormatStyle(includingFractionalSeconds: true).parse(text)) ?? (try? Date.ISO8601FormatStyle().parse(text))
    }
}

/// `{"meta": …, "data": …}`.
struct Envelope<Content: Decodable>: Decodable {
    struct Meta: Decodable {
        var next: String?
    }

    var meta: Meta
    var data: Content
}
