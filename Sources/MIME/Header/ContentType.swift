/// The content type of an attachment, `type/subtype` with parameters (RFC 2045 section 5.1).
struct ContentType: Equatable {
    /// `type/subtype`, as given.
    let name: String
    private let parameters: [Parameter]

    private struct Parameter: Equatable {
        let name: String
        let value: String
        let isQuoted: Bool
    }

    static let octetStream = ContentType(name: "application/octet-stream", parameters: [])

    /// Why a text is not a content type.
    struct Malformed: Error, Equatable {
        /// For the end of a sentence.
        let reason: String
    }

    private init(name: String, parameters: [Parameter]) {
        self.name = name
        self.parameters = parameters
    }

    private static let maximumLength = 512

    /// Parses a content type.
    ///
    /// Composite types are refused: they do not allow base64 (RFC 2046 section 5.2.1).
    init(_ text: String) throws(Malformed) {
        guard text.utf8.count <= Self.maximumLength else {
            throw Malformed(reason: "expected at most \(Self.maximumLength) bytes, found \(text.utf8.count)")
        }
        var rest = text.utf8[...]
        name = try Self.typeName(&rest)
        var parameters: [Parameter] = []
        while !rest.isEmpty {
            let parameter = try Self.parameter(&rest)
            guard !parameters.contains(where: { $0.name.lowercased() == parameter.name.lowercased() }) else {
                throw Malformed(reason: "the parameter \(parameter.name) stands in it twice")
            }
            parameters.append(parameter)
        }
        self.parameters = parameters
    }

    /// The parameters as `name=value`: as given where they are ASCII, otherwise in the pieces of RFC 2231.
    var writtenParameters: [String] {
        parameters.flatMap { parameter -> [String] in
            guard parameter.isQuoted else { return ["\(parameter.name)=\(parameter.value)"] }
            guard parameter.value.utf8.allSatisfy({ $0 < 0x80 }) else { return MIME.Parameter.segments(parameter.name, parameter.value) }
            return ["\(parameter.name)=\(HeaderSyntax.quotedString(parameter.value))"]
        }
    }
}

extension ContentType {
    private static func typeName(_ rest: inout Substring.UTF8View) throws(Malformed) -> String {
        let type = Substring(rest.prefix { $0 != UInt8(ascii: ";") })
        rest = rest[type.endIndex...]
        let name = String(type.utf8.prefix(type.utf8.count - type.utf8.reversed().prefix { $0 == 0x20 }.count)) ?? ""
        let parts = name.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 2, parts.allSatisfy(isRestrictedName), !["message", "multipart"].contains(parts[0].lowercased()) else {
            throw Malformed(reason: "expected a type such as application/pdf, and none of message/… and multipart/…")
        }
        return name
    }

    /// `; name=value`, with blanks anywhere between.
    private static func parameter(_ rest: inout Substring.UTF8View) throws(Malformed) -> Parameter {
        rest = rest.dropFirst()
        skipBlanks(&rest)
        let name = token(&rest)
        skipBlanks(&rest)
        guard !name.isEmpty, rest.popFirst() == UInt8(ascii: "=") else {
            throw Malformed(reason: "expected name=value behind each semicolon")
        }
        skipBlanks(&rest)
        let isQuoted = rest.first == UInt8(ascii: "\"")
        let value = isQuoted ? try quotedString(&rest, of: name) : token(&rest)
        skipBlanks(&rest)
        guard isQuoted || !value.isEmpty, rest.isEmpty || rest.first == UInt8(ascii: ";") else {
            throw Malformed(reason: "the value of \(name) has characters that are allowed in quotes only")
        }
        guard !isQuoted || !name.contains("*") || value.utf8.allSatisfy({ $0 < 0x80 }) else {
            throw Malformed(reason: "the value of \(name), which is encoded by RFC 2231, has to be ASCII")
        }
        return Parameter(name: name, value: value, isQuoted: isQuoted)
    }

    private static func quotedString(_ rest: inout Substring.UTF8View, of name: String) throws(Malformed) -> String {
        var content: [UInt8] = []
        var isEscaped = false
        rest = rest.dropFirst()
        while let byte = rest.popFirst() {
            guard byte >= 0x20, byte != 0x7F else { throw Malformed(reason: "the value of \(name) has a control character") }
            if !isEscaped, byte == UInt8(ascii: "\"") { return String(decoding: content, as: UTF8.self) }
            isEscaped = !isEscaped && byte == UInt8(ascii: "\\")
            if !isEscaped { content.append(byte) }
        }
        throw Malformed(reason: "the value of \(name) has no closing quote")
    }

    private static func skipBlanks(_ rest: inout Substring.UTF8View) {
        rest = rest.drop { $0 == 0x20 }
    }

    /// RFC 2045 section 5.1: visible ASCII without the `tspecials`.
    private static func token(_ rest: inout Substring.UTF8View) -> String {
        let token = rest.prefix { (0x21...0x7E).contains($0) && !"()<>@,;:\\\"/[]?=".utf8.contains($0) }
        rest = rest[token.endIndex...]
        return String(Substring(token))
    }

    /// RFC 6838 section 4.2.
    private static func isRestrictedName(_ text: Substring) -> Bool {
        (1...127).contains(text.utf8.count)
            && text.utf8.allSatisfy { HeaderSyntax.isAtomText($0) && !"'*%`{|}~=?/".utf8.contains($0) || $0 == UInt8(ascii: ".") }
    }
}

/// Checks the values in the header of an attachment.
package enum AttachmentSyntax {
    /// Returns what is wrong with a content type, for the end of a sentence; `nil` where an attachment may have it.
    package static func fault(ofContentType text: String) -> String? {
        do throws(ContentType.Malformed) {
            _ = try ContentType(text)
            return nil
        } catch {
            return error.reason
        }
    }

    /// Returns whether a text can be a `Content-ID`, which `cid:` refers to.
    package static func isContentID(_ text: String) -> Bool {
        (1...128).contains(text.utf8.count) && HeaderSyntax.identifier(text) == text
    }
}
