import MailModel

/// The value of a header field in pieces between which the field may be folded.
struct FieldValue: Equatable {
    enum Piece: Equatable {
        /// Visible ASCII, written as it is.
        case word(String)
        /// A name or keyword: atoms, a quoted string or encoded words (RFC 2047 section 5, rule 3).
        case phrase(String)
        /// The whole of an unstructured field.
        case text(String)
    }

    var pieces: [Piece]

    /// Why a value does not match the grammar of its field.
    struct Malformed: Error, Equatable {
        /// What was expected, for the end of a sentence.
        let reason: String
    }

    /// Parses a value by the grammar of its field, ignoring blanks around it and between its parts.
    init(_ value: String, of grammar: FieldGrammar) throws(Malformed) {
        let value = value.trimmed
        switch grammar {
        case .text: pieces = value.isEmpty ? [] : [.text(value)]
        case .ascii: pieces = try Self.words(value)
        case .messageIDs: pieces = try Self.messageIDs(value)
        case .mailboxes: pieces = try Self.separated(try Self.items(value).map(Self.mailbox))
        case .phrases: pieces = try Self.separated(try Self.items(value).map(Self.phrase))
        case .uris(let word): pieces = try Self.uris(value, or: word)
        case .listID: pieces = try Self.listID(value)
        }
        for case .word(let word) in pieces where word.utf8.count > HeaderBlock.maximumWordLength {
            throw Malformed(reason: "expected no part longer than \(HeaderBlock.maximumWordLength) characters")
        }
    }
}

extension FieldValue {
    private static func words(_ value: String) throws(Malformed) -> [Piece] {
        guard value.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Malformed(reason: "expected ASCII, encoded words (RFC 2047) are not allowed in this field")
        }
        return value.split(separator: " ").map { .word(String($0)) }
    }

    /// `<left@right>`, one or more.
    ///
    /// The content of the brackets is not parsed.
    private static func messageIDs(_ value: String) throws(Malformed) -> [Piece] {
        let fault = Malformed(reason: "expected message ids in angle brackets, such as <id@example.com>")
        var rest = value[...]
        var pieces: [Piece] = []
        while true {
            rest = rest.drop { $0 == " " }
            guard let first = rest.first else { break }
            guard first == "<", let end = rest.firstIndex(of: ">") else { throw fault }
            let id = rest[rest.index(after: rest.startIndex)..<end]
            guard !id.isEmpty, id.utf8.allSatisfy({ (0x21...0x7E).contains($0) && $0 != UInt8(ascii: "<") }) else { throw fault }
            pieces.append(.word("<\(id)>"))
            rest = rest[rest.index(after: end)...]
        }
        guard !pieces.isEmpty else { throw fault }
        return pieces
    }

    /// `<uri>`, one or more with commas between them, each with comments in parentheses.
    private static func uris(_ value: String, or word: String?) throws(Malformed) -> [Piece] {
        let pieces = try words(value)
        if let word, value.uppercased() == word { return pieces }
        let fault = Malformed(
            reason: "expected URIs in angle brackets, such as <https://example.com/list>\(word.map { ", or \($0)" } ?? "")")
        for item in try items(value) {
            var text = item[...]
            while text.last == ")", let open = text.lastIndex(of: "(") { text = text[..<open].trimmed[...] }
            while text.first == "(", let close = text.firstIndex(of: ")") { text = text[close...].dropFirst().drop { $0 == " " } }
            let uri = text.dropFirst().dropLast()
            guard text.first == "<", text.last == ">", text.utf8.count > 2, uri.contains(":"), !uri.contains(where: { "<> ".contains($0) })
            else { throw fault }
        }
        return pieces
    }

    /// `name <list.example.com>`.
    private static func listID(_ value: String) throws(Malformed) -> [Piece] {
        let fault = Malformed(reason: "expected a list id in angle brackets, such as News <news.example.com>")
        guard let (name, id) = bracketed(value[...]), !id.isEmpty else { throw fault }
        guard id.utf8.allSatisfy({ (0x21...0x7E).contains($0) && !"<>()[],;:\\\"".utf8.contains($0) }) else { throw fault }
        return (name.isEmpty ? [] : try phrase(name)) + [.word("<\(id)>")]
    }

    private static func mailbox(_ item: String) throws(Malformed) -> [Piece] {
        let (name, address) = bracketed(item[...]) ?? ("", item)
        do {
            let address = try EmailAddress(address.trimmed)
            guard !name.isEmpty || item.hasSuffix(">") else { return [.word(address.description)] }
            return (name.isEmpty ? [] : try phrase(name)) + [.word("<\(address)>")]
        } catch let fault as Malformed {
            throw fault
        } catch {
            throw Malformed(reason: "expected addresses such as Ann Lee <ann@example.com>. \(error)")
        }
    }

    /// Words and quoted strings.
    ///
    /// ASCII words are written as they are, as they may be encoded already.
    private static func phrase(_ text: String) throws(Malformed) -> [Piece] {
        var words: [String] = []
        var isPlain = true
        var rest = text[...].drop { $0 == " " }
        while let first = rest.first {
            if first == "\"" {
                words.append(try quoted(&rest))
                isPlain = false
            } else {
                let word = rest.prefix { $0 != " " && $0 != "\"" }
                guard !word.contains(where: { "()<>[]:;@\\,".contains($0) }) else {
                    throw Malformed(reason: "expected a name with “\(word.prefix(60))” in quotes")
                }
                words.append(String(word))
                rest = rest[word.endIndex...]
            }
            rest = rest.drop { $0 == " " }
        }
        guard !words.isEmpty else { throw Malformed(reason: "expected something between the commas") }
        if isPlain, words.allSatisfy({ $0.utf8.allSatisfy(HeaderSyntax.isAtomText) }) { return words.map { .word($0) } }
        return [.phrase(words.joined(separator: " "))]
    }

    /// The content of a quoted string at the beginning of `text`, which is taken off it.
    private static func quoted(_ text: inout Substring) throws(Malformed) -> String {
        var content = ""
        var isEscaped = false
        text = text.dropFirst()
        while let character = text.popFirst() {
            if isEscaped {
                content.append(character)
                isEscaped = false
            } else if character == "\\" {
                isEscaped = true
            } else if character == "\"" {
                return content
            } else {
                content.append(character)
            }
        }
        throw Malformed(reason: "expected a closing quote")
    }

    /// The text before and within `<…>` at the end of an item.
    private static func bracketed(_ item: Substring) -> (before: String, inside: String)? {
        guard item.last == ">", let open = item.lastIndex(of: "<") else { return nil }
        return (item[..<open].trimmed, item[open...].dropFirst().dropLast().trimmed)
    }

    /// The items between commas outside of quotes and angle brackets.
    private static func items(_ value: String) throws(Malformed) -> [String] {
        var items = [""]
        var (isQuoted, isEscaped, isBracketed) = (false, false, false)
        for character in value {
            if character == ",", !isQuoted, !isBracketed {
                items.append("")
                continue
            }
            switch character {
            case _ where isEscaped: isEscaped = false
            case "\\" where isQuoted: isEscaped = true
            case "\"": isQuoted.toggle()
            case "<" where !isQuoted: isBracketed = true
            case ">" where !isQuoted: isBracketed = false
            default: break
            }
            items[items.count - 1].append(character)
        }
        guard !isQuoted, !isBracketed else { throw Malformed(reason: "expected a closing \(isQuoted ? "quote" : "angle bracket")") }
        return items.map(\.trimmed)
    }

    /// Adds the commas.
    ///
    /// A phrase may end with an encoded word, which must be followed by a blank.
    private static func separated(_ items: [[Piece]]) throws(Malformed) -> [Piece] {
        var pieces: [Piece] = []
        for (index, item) in items.enumerated() {
            pieces += item
            guard index + 1 < items.count, let last = pieces.popLast() else { continue }
            if case .word(let word) = last { pieces.append(.word(word + ",")) } else { pieces += [last, .word(",")] }
        }
        return pieces
    }
}
