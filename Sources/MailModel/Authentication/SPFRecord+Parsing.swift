extension SPFRecord {
    /// Why a text is no valid policy, in a sentence: receivers treat it as a permanent error.
    package struct Malformed: Error, Equatable, CustomStringConvertible {
        /// The fault, in a sentence.
        package let description: String
    }

    /// Whether a TXT record is meant to be a policy (RFC 7208 section 4.5).
    package static func isOne(_ text: String) -> Bool {
        let first = text.prefix { $0 != " " }
        return first.lowercased() == "v=spf1"
    }

    /// Whether a TXT record that is no policy was meant to be one: receivers ignore it.
    ///
    /// Other uses of TXT records, Sender ID among them, are not.
    package static func isNearlyOne(_ text: String) -> Bool {
        guard !isOne(text) else { return false }
        let text = text.lowercased().filter { !$0.isWhitespace && !"\"'“”„".contains($0) }
        guard !text.hasPrefix("spf2.0/") else { return false }
        return text.hasPrefix("v=spf") || text.hasPrefix("v:spf") || text.hasPrefix("spf1") || text.hasPrefix("spf=")
            || ["include:", "ip4:", "redirect="].contains { text.hasPrefix($0) } || text.contains("v=spf1")
            || text.contains("include:amazonses.com")
    }

    /// Reads a policy (RFC 7208 section 4.6.1 and 12).
    package init(parsing text: String) throws(Malformed) {
        guard Self.isOne(text) else { throw Malformed(description: "it does not begin with v=spf1") }
        guard text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Malformed(description: "it has a character that is not printable ASCII")
        }
        self.init(directives: [], redirect: nil)
        var isComplete = false
        var target: String?
        for term in text.split(separator: " ").dropFirst() {
            if let modifier = Self.modifier(term) {
                guard modifier.name == "redirect" else { continue }
                guard target == nil else { throw Malformed(description: "redirect stands in it twice") }
                target = try Self.name(modifier.value, of: term)
            } else {
                let directive = try Self.directive(term)
                if !isComplete { directives.append(directive) }
                isComplete = isComplete || directive.mechanism == .all
            }
        }
        redirect = isComplete ? nil : target
    }

    /// `name=value`, unless a mechanism's delimiter comes before the `=`.
    private static func modifier(_ term: Substring) -> (name: String, value: Substring)? {
        let name = term.prefix { $0 != "=" }
        guard name.endIndex < term.endIndex, let first = name.first, first.isLetter,
            name.allSatisfy({ $0.isLetter || $0.isNumber || "-_.".contains($0) })
        else { return nil }
        return (name.lowercased(), term[name.endIndex...].dropFirst())
    }

    private static func directive(_ term: Substring) throws(Malformed) -> Directive {
        let qualifier = term.first.flatMap(Qualifier.init)
        let rest = qualifier == nil ? term : term.dropFirst()
        let name = rest.prefix { $0 != ":" && $0 != "/" }
        let argument = rest[name.endIndex...]
        return Directive(qualifier ?? .pass, try mechanism(name.lowercased(), argument, of: term))
    }

    private static func mechanism(_ name: String, _ argument: Substring, of term: Substring) throws(Malformed) -> Mechanism {
        switch name {
        case "all" where argument.isEmpty: return .all
        case "include": return .include(try self.name(try required(argument, of: term), of: term))
        case "exists": return .exists(try self.name(try required(argument, of: term), of: term))
        case "a": return .a(try optionalName(argument, of: term))
        case "mx": return .mx(try optionalName(argument, of: term))
        case "ptr": return .ptr(argument.isEmpty ? nil : try self.name(try required(argument, of: term), of: term))
        case "ip4": return .ip4(try address(argument, of: term, prefix: 32, isIPv4))
        case "ip6": return .ip6(try address(argument, of: term, prefix: 128, isIPv6))
        default: throw Malformed(description: "“\(term.prefix(60))” is no mechanism")
        }
    }

    private static func required(_ argument: Substring, of term: Substring) throws(Malformed) -> Substring {
        guard argument.first == ":" else { throw Malformed(description: "“\(term.prefix(60))” needs a name behind a colon") }
        return argument.dropFirst()
    }

    /// `:name`, `/24`, `//64` or several of them; the lengths are checked and left out.
    private static func optionalName(_ argument: Substring, of term: Substring) throws(Malformed) -> String? {
        let named = argument.first == ":" ? argument.dropFirst().prefix { $0 != "/" } : nil
        let lengths = argument[(named?.endIndex ?? argument.startIndex)...]
        let parts = lengths.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        let isValid =
            switch (parts.count, parts.first) {
            case (0, _): true
            case (2, ""?): isLength(parts[1], upTo: 32)
            case (3, ""?) where parts[1].isEmpty: isLength(parts[2], upTo: 128)
            case (4, ""?) where parts[2].isEmpty: isLength(parts[1], upTo: 32) && isLength(parts[3], upTo: 128)
            default: lengths.isEmpty
            }
        guard isValid else { throw Malformed(description: "“\(term.prefix(60))” has no valid length of its prefix") }
        guard let named else { return nil }
        return try name(named, of: term)
    }

    /// A domain-spec: visible characters.
    ///
    /// What it means with macros is known only with a message at hand.
    private static func name(_ text: Substring, of term: Substring) throws(Malformed) -> String {
        guard !text.isEmpty, text.utf8.count <= 253 else { throw Malformed(description: "“\(term.prefix(60))” has no valid name") }
        let name = text.hasSuffix(".") ? text.dropLast() : text
        return name.lowercased()
    }

    private static func address(
        _ argument: Substring, of term: Substring, prefix: Int, _ isAddress: (Substring) -> Bool
    ) throws(Malformed) -> String {
        let parts = try required(argument, of: term).split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, isAddress(first), parts.count == 1 || isLength(String(parts[1]), upTo: prefix) else {
            throw Malformed(description: "“\(term.prefix(60))” has no valid address")
        }
        return parts.joined(separator: "/")
    }

    private static func isLength(_ text: String, upTo most: Int) -> Bool {
        guard let length = Int64(decimal: text.utf8) else { return false }
        return length <= most && (text == "0" || !text.hasPrefix("0"))
    }

    private static func isIPv4(_ text: Substring) -> Bool {
        let octets = text.split(separator: ".", omittingEmptySubsequences: false)
        return octets.count == 4 && octets.allSatisfy { isLength(String($0), upTo: 255) }
    }

    /// Groups of hexadecimal digits, of which one run of zeros may be left out; the last two may be written as an IPv4 address.
    private static func isIPv6(_ text: Substring) -> Bool {
        let halves = text.split(separator: "::", omittingEmptySubsequences: false)
        guard halves.count <= 2, !text.isEmpty else { return false }
        var count = 0
        for (index, half) in halves.enumerated() where !half.isEmpty {
            let groups = half.split(separator: ":", omittingEmptySubsequences: false)
            for (place, group) in groups.enumerated() {
                let isLast = index == halves.count - 1 && place == groups.count - 1
                if isLast, group.contains(".") {
                    guard isIPv4(group) else { return false }
                    count += 2
                } else {
                    guard (1...4).contains(group.utf8.count), group.allSatisfy(\.isHexDigit) else { return false }
                    count += 1
                }
            }
        }
        return halves.count == 2 ? count < 8 : count == 8
    }
}
