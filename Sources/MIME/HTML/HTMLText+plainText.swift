extension HTMLText {
    /// Converts an HTML document to text: block elements on lines of their own, links as `text (url)`, list items with a dash or their
    /// number, without styles and scripts.
    ///
    /// Accepts any input, in linear time.
    package static func plainText(from html: String) -> String {
        var output = PlainTextOutput()
        var tokenizer = HTMLTokenizer(html)
        while let token = tokenizer.next() {
            switch token {
            case .text(let bytes): output.write(text: bytes)
            case .start(let name, let attributes, _): output.start(name, attributes)
            case .end(let name): output.end(name)
            }
        }
        return output.finished()
    }
}

/// Writes the text, with the state of white space, lists and links.
private struct PlainTextOutput {
    private var bytes: [UInt8] = []
    /// The line ends before the next text, at most 2.
    private var pendingLines = 0
    private var pendingSpace = false
    private var preformatted = 0
    /// The dash or number of a list item that has no text yet.
    private var pendingMarker = ""
    /// The next numbers of the open lists; 0 for a list without numbers.
    private var lists: [Int] = []
    private var link: (url: [UInt8], start: Int)?

    private static let deepestIndent = 8

    mutating func write(text: [UInt8]) {
        for byte in text {
            switch byte {
            case 0x0A where preformatted > 0: breakLine()
            case 0x20 where preformatted > 0: append(byte)
            case _ where HTMLText.isSpace(byte): pendingSpace = true
            case 0..<0x20, 0x7F: break
            default: append(byte)
            }
        }
    }

    mutating func start(_ name: String, _ attributes: HTMLAttributes) {
        separate(name)
        switch name {
        case "br": breakLine()
        case "hr":
            write(text: Array("---".utf8))
            separate(name)
        case "pre": preformatted += 1
        case "ul", "ol": lists.append(name == "ol" ? 1 : 0)
        case "li": startItem()
        case "td", "th": pendingSpace = true
        case "img": write(text: attributes.alternative)
        case "a":
            endLink()
            link = (attributes.reference, bytes.count)
        default: break
        }
    }

    mutating func end(_ name: String) {
        switch name {
        case "pre": preformatted = max(0, preformatted - 1)
        case "ul", "ol": _ = lists.popLast()
        case "a": endLink()
        default: break
        }
        separate(name)
    }

    mutating func finished() -> String {
        endLink()
        return String(decoding: bytes, as: UTF8.self)
    }

    private mutating func append(_ byte: UInt8) {
        if pendingLines > 0, !bytes.isEmpty {
            bytes.append(contentsOf: repeatElement(0x0A, count: pendingLines))
        } else if pendingSpace, !bytes.isEmpty, bytes.last != 0x20 {
            bytes.append(0x20)
        }
        pendingLines = 0
        pendingSpace = false
        if !pendingMarker.isEmpty {
            bytes.append(contentsOf: pendingMarker.utf8)
            pendingMarker = ""
        }
        bytes.append(byte)
    }

    /// Adds a line end, up to an empty line.
    private mutating func breakLine() {
        pendingLines = min(pendingLines + 1, 2)
        pendingSpace = false
    }

    private mutating func separate(_ name: String) {
        let lines = HTMLBlocks.lineEnds(around: name, isNested: !lists.isEmpty)
        guard lines > 0 else { return }
        pendingLines = max(pendingLines, lines)
        pendingSpace = false
    }

    private mutating func startItem() {
        let indent = String(repeating: "  ", count: min(max(lists.count - 1, 0), Self.deepestIndent))
        var marker = "- "
        if let number = lists.last, number > 0 {
            marker = "\(number). "
            lists[lists.count - 1] = number + 1
        }
        pendingMarker = indent + marker
    }

    /// Writes the URL of a link after its text, unless they are the same.
    private mutating func endLink() {
        guard let (url, start) = link else { return }
        link = nil
        let text = bytes[start...].drop(while: HTMLText.isSpace)
        guard !url.isEmpty, !text.elementsEqual(url) else { return }
        let lines = pendingLines
        pendingLines = text.isEmpty ? lines : 0
        pendingSpace = true
        for byte in text.isEmpty ? url : [0x28] + url + [0x29] { append(byte) }
        if !text.isEmpty { pendingLines = lines }
    }
}

/// How block elements are separated.
private enum HTMLBlocks {
    private static let paragraphs: Set = [
        "p", "h1", "h2", "h3", "h4", "h5", "h6", "blockquote", "table", "pre", "hr", "ul", "ol", "dl", "figure",
    ]
    private static let lines: Set = [
        "div", "tr", "li", "dt", "dd", "section", "article", "header", "footer", "main", "nav", "aside", "address", "center", "fieldset",
        "form",
        "figcaption", "caption", "body", "html", "head", "legend", "option", "summary", "details",
    ]

    /// The line ends around an element: 2 for an empty line, 1 for a new line, 0 for none.
    ///
    /// Nested lists have no empty line.
    static func lineEnds(around name: String, isNested: Bool) -> Int {
        if paragraphs.contains(name) { return isNested && (name == "ul" || name == "ol") ? 1 : 2 }
        return lines.contains(name) ? 1 : 0
    }
}
