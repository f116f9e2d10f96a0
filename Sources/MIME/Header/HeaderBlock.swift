import MailModel

/// Header fields as bytes, each with its line end, folded at 76 characters where possible (RFC 5322 sections 2.1.1 and 2.2.3).
struct HeaderBlock {
    /// The limit of RFC 2047 section 2 for lines with an encoded word; others could have 78.
    static let preferredLength = 76
    /// The longest word that fits a line of 998 characters together with a field name.
    static let maximumWordLength = 900

    private(set) var bytes: [UInt8] = []
    private var column = 0
    /// The beginning of the value of the current field.
    private var start = 0

    init(reservingCapacity capacity: Int = 256) {
        bytes.reserveCapacity(capacity)
    }

    mutating func append(_ text: String) {
        bytes.append(contentsOf: text.utf8)
        column += text.utf8.count
    }

    mutating func append(_ block: HeaderBlock) {
        bytes.append(contentsOf: block.bytes)
    }

    /// Writes a field whose value fits a line and needs no encoding.
    mutating func line(_ name: String, _ value: String) {
        append(name)
        append(": ")
        append(value)
        endField()
    }

    /// Writes a field of free text: unchanged where it is plain ASCII, otherwise in encoded words.
    mutating func text(_ name: String, _ value: String) {
        begin(name)
        let value = HeaderSyntax.withoutControls(value)
        if HeaderSyntax.isPlain(value) {
            words(value)
        } else {
            encoded(value)
        }
        endField()
    }

    /// Writes a field of addresses with optional display names.
    mutating func mailboxes(_ name: String, _ mailboxes: [Mailbox]) {
        begin(name)
        for (index, mailbox) in mailboxes.enumerated() {
            let separator = index + 1 < mailboxes.count ? "," : ""
            if let name = mailbox.name.map(HeaderSyntax.withoutControls), !name.isEmpty {
                phrase(name)
                word("<" + mailbox.address.description + ">" + separator)
            } else {
                word(mailbox.address.description + separator)
            }
        }
        endField()
    }

    /// Writes a field of a customer by its grammar.
    ///
    /// A value that the grammar does not allow is written as text.
    mutating func custom(_ name: String, _ value: String) {
        let value = HeaderSyntax.withoutControls(value)
        guard let pieces = try? FieldValue(value, of: .of(name)).pieces else { return text(name, value) }
        begin(name)
        for piece in pieces {
            switch piece {
            case .word(let text): word(text)
            case .phrase(let text): phrase(text)
            case .text(let text) where HeaderSyntax.isFoldable(text): blanksAndWords(text)
            case .text(let text): encoded(text)
            }
        }
        endField()
    }

    /// Writes a field with parameters, folded where they do not fit the line.
    mutating func foldedParameters(_ name: String, _ value: String, _ parameters: [String]) {
        append(name)
        append(": ")
        append(value)
        for parameter in parameters {
            append(";")
            if column + 1 + parameter.utf8.count > Self.preferredLength { fold() } else { append(" ") }
            append(parameter)
        }
        endField()
    }

    /// Writes a field with parameters, each on a line of its own.
    mutating func parameters(_ name: String, _ value: String, _ parameters: [String]) {
        append(name)
        append(": ")
        append(value)
        for parameter in parameters {
            append(";\r\n ")
            append(parameter)
        }
        endField()
    }

    private mutating func phrase(_ name: String) {
        switch HeaderSyntax.phrase(name) {
        case .atoms(let text): words(text)
        case .quoted(let text): word(text)
        case .encoded: encoded(name)
        }
    }

    private mutating func words(_ text: String) {
        for part in text.split(separator: " ") { word(String(part)) }
    }

    /// Writes text with all its blanks.
    ///
    /// Lines are folded before a run of blanks.
    private mutating func blanksAndWords(_ text: String) {
        var rest = (" " + text)[...]
        while !rest.isEmpty {
            let blanks = rest.prefix { $0 == " " }
            let word = rest[blanks.endIndex...].prefix { $0 != " " }
            rest = rest[word.endIndex...]
            if column + blanks.utf8.count + word.utf8.count > Self.preferredLength, bytes.count > start {
                append("\r\n")
                column = 0
            }
            append(String(blanks))
            append(String(word))
        }
    }

    /// Writes a space and a word, on a new line where it does not fit.
    ///
    /// The first word stays on the line of the field name.
    private mutating func word(_ text: String) {
        if column + 1 + text.utf8.count > Self.preferredLength, bytes.count > start { fold() }
        if column > 1 { append(" ") }
        append(text)
    }

    private mutating func encoded(_ text: String) {
        // Begins on the next line where the longest single character might not fit after the field name.
        if Self.preferredLength - column - 1 < EncodedWord.shortest { fold() } else { append(" ") }
        for (index, word) in EncodedWord.words(for: text, firstLength: Self.preferredLength - column).enumerated() {
            if index > 0 { fold() }
            bytes.append(contentsOf: word)
            column += word.count
        }
    }

    private mutating func begin(_ name: String) {
        append(name)
        append(":")
        start = bytes.count
    }

    private mutating func fold() {
        append("\r\n ")
        column = 1
    }

    private mutating func endField() {
        append("\r\n")
        column = 0
    }
}
