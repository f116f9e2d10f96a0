package import MailModel

/// The fields that are put before a message that is sent as it came.
package struct AddedFields: Sendable {
    private var block = HeaderBlock()

    /// No fields.
    package init() {}

    /// The fields as bytes, each with its line end.
    package var bytes: [UInt8] { block.bytes }

    /// Adds a field whose value fits a line: ASCII without controls.
    package mutating func add(_ name: String, _ value: String) {
        block.line(name, HeaderSyntax.withoutControls(value))
    }

    /// Adds a `Date` (RFC 5322 section 3.6.1).
    package mutating func addDate(_ time: Timestamp) {
        block.line("Date", time.messageDate)
    }

    /// Adds a `Message-ID`, given without angle brackets.
    package mutating func addMessageID(_ id: String) {
        block.line("Message-ID", "<" + HeaderSyntax.identifier(id) + ">")
    }

    /// Adds a field of mailboxes.
    package mutating func addMailboxes(_ name: String, _ mailboxes: [Mailbox]) {
        block.mailboxes(name, mailboxes)
    }

    /// Adds the fields by which mail programs unsubscribe (RFC 8058 section 3.1).
    ///
    /// Some signers and receivers treat a folded `List-Unsubscribe` as two fields, so it is never folded.
    package mutating func addUnsubscribe(_ url: String) {
        let url = HeaderSyntax.url(url)
        guard url.utf8.count <= HeaderBlock.maximumWordLength else { return }
        block.line("List-Unsubscribe", "<" + url + ">")
        block.line("List-Unsubscribe-Post", "List-Unsubscribe=One-Click")
    }
}

extension RawMessage {
    /// Returns the message without some of its fields and with others before them; all else is as it came.
    ///
    /// A message that does not end with a line end gets one, and so does a header without an empty line behind it.
    package func rewritten(adding added: AddedFields = AddedFields(), removing isRemoved: (Field) -> Bool) -> [UInt8] {
        var result = added.bytes
        result.reserveCapacity(result.count + bytes.count + 4)
        for field in fields where !isRemoved(field) {
            result += bytes[field.lines]
            Self.endLine(&result)
        }
        result += [0x0D, 0x0A]
        result += bytes[bodyStart...]
        Self.endLine(&result)
        return result
    }

    private static func endLine(_ bytes: inout [UInt8]) {
        if bytes.last != 0x0A { bytes += [0x0D, 0x0A] }
    }

    /// Returns bytes in which every line ends with CR LF, also where it ended with LF alone.
    package static func withLineEnds(_ bytes: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + bytes.count / 32)
        var previous: UInt8 = 0
        for byte in bytes {
            if byte == 0x0A, previous != 0x0D { result.append(0x0D) }
            result.append(byte)
            previous = byte
        }
        return result
    }
}
