package import MailModel

/// The syntax of a mailbox in a field of a request (RFC 5322 section 3.4): `a@b.example`, `Name <a@b.example>`, `"Name, Inc." <a@b.example>`.
///
/// Comments are skipped, names may have letters beyond ASCII, and encoded words (RFC 2047) outside of quotes are decoded. Lists and groups are
/// refused. Every step is linear in the length of the text, which is bounded.
package enum MailboxSyntax {
    /// Why a text is no mailbox.
    package struct Malformed: Error, Equatable {
        /// What was expected, in a sentence or at the end of one.
        package let reason: String
    }

    /// The most bytes of a mailbox: of the longest name, quoted or encoded, with its address and some comments.
    package static let maximumLength = 4096

    /// Parses a mailbox.
    ///
    /// The name is trimmed and has no control characters; an empty one is none.
    package static func parse(_ text: String) throws(Malformed) -> Mailbox {
        guard text.utf8.count <= maximumLength else {
            throw Malformed(reason: "expected at most \(maximumLength) bytes, found \(text.utf8.count)")
        }
        if let fault = controlFault(in: text) { throw Malformed(reason: fault) }
        var scanner = MailboxScanner(text)
        guard let bracket = try scanner.firstBracket() else { return Mailbox(address: try bareAddress(text, &scanner)) }
        let name = try scanner.phrase(upTo: bracket)
        let address = try scanner.bracketedAddress()
        if let fault = name.flatMap(Mailbox.fault(ofName:)) { throw Malformed(reason: fault) }
        return Mailbox(name: name, address: try emailAddress(address))
    }

    /// Splits a list at the commas outside of quotes, comments and angle brackets, and drops the blanks around its items and empty items.
    package static func split(_ list: String) -> [String] {
        let bytes = Array(list.utf8)
        var items: [String] = []
        var start = 0
        var context = MailboxScanner.Context()
        for (index, byte) in bytes.enumerated() {
            let isOutside = context.isOutside
            context.advance(by: byte)
            guard byte == UInt8(ascii: ","), isOutside else { continue }
            items.append(String(decoding: bytes[start..<index], as: UTF8.self).trimmed)
            start = index + 1
        }
        items.append(String(decoding: bytes[start...], as: UTF8.self).trimmed)
        return items.filter { !$0.isEmpty }
    }

    private static func controlFault(in text: String) -> String? {
        do throws(HeaderText.Invalid) {
            try HeaderText.check(text, in: "The value")
            return nil
        } catch {
            return error.description
        }
    }

    /// A text without angle brackets: the address alone, or with comments.
    private static func bareAddress(_ text: String, _ scanner: inout MailboxScanner) throws(Malformed) -> EmailAddress {
        try emailAddress(scanner.hasComment ? try scanner.withoutComments() : text)
    }

    private static func emailAddress(_ text: String) throws(Malformed) -> EmailAddress {
        do throws(EmailAddress.Invalid) {
            return try EmailAddress(text)
        } catch {
            throw Malformed(reason: split(text).count > 1 ? "expected one address, found a list" : error.description)
        }
    }
}
