import Encoding

/// An element of an XML document as SES sends it: child elements and text.
///
/// Attributes are ignored.
struct XMLElement: Sendable, Equatable {
    let name: String
    var text = ""
    var children: [XMLElement] = []

    /// The first child of that name.
    subscript(name: String) -> XMLElement? {
        children.first { $0.name == name }
    }
}

/// The document is not well-formed, or not of the kind that SES sends.
struct XMLError: Error {}

extension XMLElement {
    /// Parses a document.
    ///
    /// - Throws: ``XMLError`` for what is not well-formed, nests deeper than 16 elements, or has what SES never sends: a document type,
    ///   CDATA, processing instructions, entities beyond the five of XML itself and character references.
    init(document: [UInt8]) throws(XMLError) {
        var reader = XMLReader(rest: document[...])
        reader.skip("\u{FEFF}")
        try reader.skipDeclaration()
        self = try reader.element(depth: 0)
        reader.skipSpace()
        guard reader.rest.isEmpty else { throw XMLError() }
    }
}

private struct XMLReader {
    var rest: ArraySlice<UInt8>

    private static let maximumDepth = 16

    @discardableResult
    mutating func skip(_ text: String) -> Bool {
        guard rest.starts(with: text.utf8) else { return false }
        rest = rest.dropFirst(text.utf8.count)
        return true
    }

    mutating func skipSpace() {
        rest = rest.drop { $0 == 0x20 || $0 == 0x09 || $0 == 0x0A || $0 == 0x0D }
    }

    mutating func skipDeclaration() throws(XMLError) {
        skipSpace()
        if skip("<?xml") { try skip(past: ">") }
        skipSpace()
    }

    private mutating func skip(past character: Unicode.Scalar) throws(XMLError) {
        guard let index = rest.firstIndex(of: UInt8(ascii: character)) else { throw XMLError() }
        rest = rest[(index + 1)...]
    }

    mutating func element(depth: Int) throws(XMLError) -> XMLElement {
        guard depth < Self.maximumDepth, skip("<") else { throw XMLError() }
        var element = XMLElement(name: try name())
        if try skipAttributes() { return element }
        while !skip("</") {
            if rest.first == UInt8(ascii: "<") {
                element.children.append(try self.element(depth: depth + 1))
            } else {
                element.text += try text()
            }
        }
        guard try name() == element.name else { throw XMLError() }
        skipSpace()
        guard skip(">") else { throw XMLError() }
        return element
    }

    private mutating func name() throws(XMLError) -> String {
        let name = rest.prefix { PercentEncoding.isUnreserved($0) || $0 == UInt8(ascii: ":") }
        guard !name.isEmpty else { throw XMLError() }
        rest = rest[name.endIndex...]
        return String(decoding: name, as: UTF8.self)
    }

    /// Skips to the end of a start tag; true when the element is empty (`<a/>`).
    private mutating func skipAttributes() throws(XMLError) -> Bool {
        while true {
            skipSpace()
            if skip("/>") { return true }
            if skip(">") { return false }
            _ = try name()
            skipSpace()
            guard skip("=") else { throw XMLError() }
            skipSpace()
            if skip("\"") { try skip(past: "\"") } else if skip("'") { try skip(past: "'") } else { throw XMLError() }
        }
    }

    private mutating func text() throws(XMLError) -> String {
        var bytes: [UInt8] = []
        while let byte = rest.first, byte != UInt8(ascii: "<") {
            if byte == UInt8(ascii: "&") {
                bytes.append(contentsOf: try reference().utf8)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
        guard !rest.isEmpty, let text = String(validating: bytes, as: UTF8.self) else { throw XMLError() }
        return text
    }

    /// `&amp;`, `&#38;`, `&#x26;`.
    private mutating func reference() throws(XMLError) -> String {
        guard let end = rest.prefix(12).firstIndex(of: UInt8(ascii: ";")) else { throw XMLError() }
        let reference = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
        rest = rest[(end + 1)...]
        let entities = ["amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'"]
        if let text = entities[reference] { return text }
        guard reference.first == "#" else { throw XMLError() }
        let digits = reference.dropFirst()
        let number = digits.first == "x" ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits)
        guard let scalar = number.flatMap(Unicode.Scalar.init) else { throw XMLError() }
        return String(Character(scalar))
    }
}

/// A request of AWS's Query protocol: `Action=…&Version=…&Name=value…` in `application/x-www-form-urlencoded`.
struct FormBody {
    private(set) var bytes: [UInt8]

    /// - Parameter version: the version of the API that the action is one of: that of SES by default.
    init(action: String, version: String = "2010-12-01") {
        bytes = Array("Action=\(action)&Version=\(version)".utf8)
    }

    /// - Parameter name: a name that needs no encoding.
    mutating func add(_ name: String, _ value: String) {
        bytes.append(UInt8(ascii: "&"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
        PercentEncoding.append(value, to: &bytes)
    }
}
