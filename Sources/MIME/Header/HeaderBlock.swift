import MailModel

/// Header fields as bytes, each with its line end, folded at 76 characters where that is possible (RFC 5322 section 2.1.1, 2.2.3).
struct HeaderBlock {
    /// RFC 2047 section 2 wants this of lines that hold an encoded word; 78 would do for the others.
    static let preferredLength = 76
    /// A longer run without a space would not fit a line of 998 characters beside its field name.
    static let maximumWordLength = 900

    private(set) var bytes: [UInt8] = []
    private var column = 0
    /// Where the value of the present field begins.
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

    /// A field whose value fits one line and is clean.
    mutating func line(_ name: String, _ value: String) {
        append(name)
        append(": ")
        append(value)
        endField()
    }

    /// A field of free text: as it is where it is plain ASCII, in encoded words otherwise.
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

    /// A field of addresses with optional display names.
    mutating func mailboxes(_ name: String, _ mailboxes: [(name: String?, address: EmailAddress)]) {
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

    /// A field that a customer set, by the grammar of its name. A value that it does not allow is written as text.
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

    /// A field with parameters, which go on a line of their own where they do not fit.
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

    /// A field with parameters, each on a line of its own.
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

    /// Text with all its blanks: a line is broken before a run of them, which then begins the next.
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

    /// A space and a word, on a new line where it would not fit. The first word stays beside the field name.
    private mutating func word(_ text: String) {
        if column + 1 + text.utf8.count > Self.preferredLength, bytes.count > start { fold() }
        if column > 1 { append(" ") }
        append(text)
    }

    private mutating func encoded(_ text: String) {
        // Where not even the longest single character would fit behind the field name, begin on the next line.
        if Self.preferredLength - column - 1 < EncodedWord.shortest { fold() } else { append(" ") }
        for (index, word) in EncodedWord.words(for: text, firstRoom: Self.preferredLength - column).enumerated() {
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
