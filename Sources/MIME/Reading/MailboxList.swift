/// Reads the mailboxes of an address field (RFC 5322 section 3.4), strictly: what programs read in different ways is refused.
package enum MailboxList {
    /// A mailbox.
    package struct Mailbox: Sendable, Equatable {
        /// The display name, decoded.
        package var name: String?
        /// The address as it stands there.
        package var address: String
    }

    /// Why a field is no list of mailboxes.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        /// A sentence for people.
        package let description: String
    }

    /// Returns the mailboxes of a field's value, those of groups too.
    package static func parse(_ value: String) throws(Malformed) -> [Mailbox] {
        var parser = Parser(tokens: try Tokens.read(value)[...])
        return try parser.mailboxes()
    }
}

extension MailboxList {
    fileprivate enum Token: Equatable {
        case atom(String)
        case quoted(String)
        case literal(String)
        case special(UInt8)
    }

    fileprivate struct Parser {
        var tokens: ArraySlice<Token>

        mutating func mailboxes() throws(Malformed) -> [Mailbox] {
            var found: [Mailbox] = []
            var isInGroup = false
            while let token = tokens.first {
                switch token {
                case .special(UInt8(ascii: ",")): tokens.removeFirst()
                case .special(UInt8(ascii: ";")) where isInGroup:
                    isInGroup = false
                    tokens.removeFirst()
                default:
                    let words = words()
                    if !isInGroup, !words.isEmpty, tokens.first == .special(UInt8(ascii: ":")) {
                        isInGroup = true
                        tokens.removeFirst()
                    } else {
                        found.append(try mailbox(after: words))
                    }
                }
            }
            guard !isInGroup else { throw Malformed(description: "a group of addresses has no semicolon at its end") }
            return found
        }

        /// The atoms, quoted strings and dots that come next.
        private mutating func words() -> [Token] {
            let words = tokens.prefix { token in
                switch token {
                case .atom, .quoted, .special(UInt8(ascii: ".")): true
                default: false
                }
            }
            tokens = tokens[words.endIndex...]
            return Array(words)
        }

        private mutating func mailbox(after words: [Token]) throws(Malformed) -> Mailbox {
            let mailbox: Mailbox
            if tokens.first == .special(UInt8(ascii: "<")) {
                tokens.removeFirst()
                let local = self.words()
                mailbox = Mailbox(name: Self.phrase(words), address: try address(local))
                guard tokens.popFirst() == .special(UInt8(ascii: ">")) else {
                    throw Malformed(description: "expected one address in angle brackets, such as Ann <ann@example.com>")
                }
            } else {
                mailbox = Mailbox(name: nil, address: try address(words))
            }
            switch tokens.first {
            case nil, .special(UInt8(ascii: ",")), .special(UInt8(ascii: ";")): return mailbox
            default:
                throw Malformed(
                    description: "expected an address, or a name and an address in angle brackets; a name with an @ or a comma is quoted")
            }
        }

        /// The address whose local part was read.
        private mutating func address(_ local: [Token]) throws(Malformed) -> String {
            guard !local.isEmpty, tokens.popFirst() == .special(UInt8(ascii: "@")) else {
                throw Malformed(description: "expected an address, such as ann@example.com")
            }
            let domain: [Token]
            if case .literal? = tokens.first { domain = [tokens.removeFirst()] } else { domain = words() }
            guard !domain.isEmpty, domain.allSatisfy({ if case .quoted = $0 { false } else { true } }) else {
                throw Malformed(description: "expected a domain behind the @")
            }
            return Self.joined(local) + "@" + Self.joined(domain)
        }

        /// Words without anything between them: two atoms in a row make no address, and are refused by its own check.
        private static func joined(_ words: [Token]) -> String {
            var text = ""
            var wasWord = false
            for word in words {
                let isWord = word != .special(UInt8(ascii: "."))
                if isWord, wasWord { text += " " }
                text += written(word)
                wasWord = isWord
            }
            return text
        }

        private static func written(_ token: Token) -> String {
            switch token {
            case .atom(let text), .literal(let text): text
            case .quoted(let text): HeaderSyntax.quotedString(text)
            case .special(let byte): String(UnicodeScalar(byte))
            }
        }

        private static func phrase(_ words: [Token]) -> String? {
            var text = ""
            for word in words {
                switch word {
                case .atom(let word), .quoted(let word): text += (text.isEmpty ? "" : " ") + word
                case .special(let byte): text += String(UnicodeScalar(byte))
                case .literal: break
                }
            }
            let name = EncodedWord.text(of: text)
            return name.isEmpty ? nil : name
        }
    }

    fileprivate enum Tokens {
        private static let deepestComment = 20

        static func read(_ value: String) throws(Malformed) -> [Token] {
            var tokens: [Token] = []
            var rest = Array(value.utf8)[...]
            while let byte = rest.first {
                switch byte {
                case 0x20, 0x09: rest.removeFirst()
                case UInt8(ascii: "("): try skipComment(&rest)
                case UInt8(ascii: "\""): tokens.append(.quoted(try delimited(&rest, by: byte)))
                case UInt8(ascii: "["): tokens.append(.literal("[" + (try delimited(&rest, by: UInt8(ascii: "]"))) + "]"))
                case _ where "<>@,;:.".utf8.contains(byte): tokens.append(.special(rest.removeFirst()))
                case _ where isAtom(byte):
                    let atom = rest.prefix(while: isAtom)
                    tokens.append(.atom(String(decoding: atom, as: UTF8.self)))
                    rest = rest[atom.endIndex...]
                default: throw Malformed(description: "a character is not allowed outside of quotes")
                }
            }
            return tokens
        }

        private static func isAtom(_ byte: UInt8) -> Bool {
            byte > 0x20 && byte != 0x7F && !"()<>[]:;@\\,.\"".utf8.contains(byte)
        }

        private static func skipComment(_ rest: inout ArraySlice<UInt8>) throws(Malformed) {
            var depth = 0
            while let byte = rest.popFirst() {
                if byte == UInt8(ascii: "\\") { _ = rest.popFirst() }
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                guard depth <= deepestComment else { break }
                if depth == 0 { return }
            }
            throw Malformed(description: "a comment has no end, or is nested too deeply")
        }

        /// What stands up to the delimiter, behind the byte that opens it, without backslashes.
        private static func delimited(_ rest: inout ArraySlice<UInt8>, by end: UInt8) throws(Malformed) -> String {
            var content: [UInt8] = []
            rest.removeFirst()
            while let byte = rest.popFirst() {
                if byte == end { return String(decoding: content, as: UTF8.self) }
                guard byte == UInt8(ascii: "\\") else {
                    content.append(byte)
                    continue
                }
                if let escaped = rest.popFirst() { content.append(escaped) }
            }
            throw Malformed(description: "a quoted string or a literal has no end")
        }
    }
}
