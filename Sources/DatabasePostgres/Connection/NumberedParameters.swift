/// The parameters of a statement, from `?1` to PostgreSQL's `$1`. Question marks in quoted text stay as they are.
package func numberedParameters(_ sql: String) -> String {
    var quote: UInt8?
    let bytes = sql.utf8.map { byte -> UInt8 in
        if let open = quote {
            if byte == open { quote = nil }
            return byte
        }
        if byte == UInt8(ascii: "'") || byte == UInt8(ascii: "\"") { quote = byte }
        return byte == UInt8(ascii: "?") ? UInt8(ascii: "$") : byte
    }
    return String(decoding: bytes, as: UTF8.self)
}
