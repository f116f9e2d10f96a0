package import MailModel

/// A reply of the server (RFC 5321 section 4.2) with its enhanced status code (RFC 2034).
package struct SubmissionReply: Sendable, Equatable {
    /// The three digits.
    package var code: Int
    /// The enhanced status code, such as `5.7.1`; `nil` for the greeting, the answers to `HELO` and `EHLO`, and 3xx.
    package var status: String?
    /// The texts, one a line.
    package var lines: [String]

    /// A reply of one line without an enhanced status code.
    init(_ code: Int, _ text: String) {
        self.init(code, lines: [text])
    }

    /// A reply of one line.
    init(_ code: Int, _ status: String, _ text: String) {
        self.init(code, status, lines: [text])
    }

    /// A reply of several lines.
    init(_ code: Int, _ status: String? = nil, lines: [String]) {
        self.code = code
        self.status = status
        self.lines = lines
    }

    /// Whether it says that something was accepted.
    package var isPositive: Bool { code < 400 }

    /// The longest text of a line, so that the line has at most 512 octets (RFC 5321 section 4.5.3.1.5).
    private static let longestText = 480

    /// The bytes, with their line ends: printable, whatever a client or a sentence brought in.
    package var encoded: String {
        let prefix = status.map { $0 + " " } ?? ""
        return lines.enumerated().map { index, text in
            "\(code)\(index + 1 < lines.count ? "-" : " ")\(prefix)\(Self.printable(text))\r\n"
        }.joined()
    }

    private static func printable(_ text: String) -> String {
        String(decoding: text.utf8.prefix(longestText).map { (0x20...0x7E).contains($0) ? $0 : UInt8(ascii: "?") }, as: UTF8.self)
    }
}

extension SubmissionReply {
    /// The reply to a message, a recipient or a log-in that is refused, with the sentence of the API (specification 15).
    package init(_ refusal: Refusal) {
        let (code, status) = Self.codes(of: refusal)
        self.init(code, status, refusal.description)
    }

    private static func codes(of refusal: Refusal) -> (Int, String) {
        switch refusal.kind {
        case .quota: refusal.code.isOfMonth ? (550, "5.7.1") : (452, "4.2.2")
        case .badFrom, .blocked, .forbidden: (550, "5.7.1")
        case .badTo:
            // RFC 7505 section 4.2.
            refusal.code == .recipientTakesNoMail ? (556, "5.1.10") : (550, "5.1.2")
        case .conflict, .alreadyExists: (554, "5.5.0")
        case .tooLarge: (552, "5.3.4")
        case .invalid, .notFound: (554, "5.6.0")
        case .unauthenticated: (535, "5.7.8")
        case .tooManyFailures: (454, "4.7.0")
        case .unavailable: (451, "4.3.0")
        case .upstream: (451, "4.4.0")
        }
    }
}

extension RefusalCode {
    /// Whether time helps only after the end of the month, which no client waits for.
    fileprivate var isOfMonth: Bool { self == Gate.Reason.monthlyLimit.code || self == Gate.Reason.accountMonthlyLimit.code }
}
