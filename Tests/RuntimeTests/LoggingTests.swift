import JSON
import Logging
import MailModel
import Synchronization
import Testing

@testable import Runtime

struct LoggingTests {
    private let lines = Lines()
    private let clock = Clock()

    @Test func jsonLineHasItsParts() throws {
        var logger = logger(.json)
        logger[metadataKey: "node.id"] = "a"
        logger.info("Email accepted", metadata: ["email.id": "x", "http.status": .stringConvertible(202), "tags": ["a", "b"]])
        #expect(
            lines.all == [
                #"{"at":"2026-01-31T23:59:59.007Z","level":"info","message":"Email accepted","logger":"martlet.test","email.id":"x","http.status":202,"node.id":"a","tags":["a","b"]}"#
                    + "\n"
            ])
    }

    /// A number that was passed as text, `"\(count)"`, is written as a number under the keys of numbers.
    @Test(arguments: [
        ("http.duration_ms", "12.345", "12.345"), ("http.status", "202", "202"), ("wait.seconds", "5", "5"), ("log.suppressed", "0", "0"),
        ("body.bytes", "-1", "-1"), ("http.status", "x", #""x""#), ("domain.status", "active", #""active""#), ("email.id", "17", #""17""#),
        ("count", "9223372036854775807", "9223372036854775807"), ("count", "1e999", #""1e999""#), ("count", "0x1F", #""0x1F""#),
        ("count", "", #""""#), ("http.status", "nan", #""nan""#), ("account", "123", #""123""#),
    ])
    func numbersAreWrittenAsNumbers(key: String, value: String, json: String) {
        logger(.json).info("m", metadata: ["\(key)": "\(value)"])
        #expect(lines.all[0].hasSuffix(#","\#(key)":\#(json)}"# + "\n"), "\(lines.all)")
    }

    @Test func textLineHasItsParts() {
        logger(.text).warning("Domain suspended", metadata: ["domain.name": "a.example", "reason": "rate over 3 %", "empty": ""])
        #expect(
            lines.all == ["2026-01-31T23:59:59.007Z WARNING  Domain suspended domain.name=a.example empty=\"\" reason=\"rate over 3 %\"\n"])
    }

    @Test(arguments: [LogFormat.json, .text])
    func everyMessageIsOneLine(_ format: LogFormat) throws {
        let evil = "a\nb\r\u{1B}[2J\"\u{2028}\u{0}"
        logger(format).error("\(evil)", metadata: ["evil.key": "\(evil)", "other": ["x": "\(evil)"]])
        let line = try #require(lines.all.first)
        #expect(line.last == "\n")
        #expect(line.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 })
        if format == .json {
            let members = try #require(try JSONValue.parse(Array(line.utf8)).objectValue)
            #expect(members["message"]?.stringValue == evil)
            #expect(members["evil.key"]?.stringValue == evil)
            #expect(members["other"]?.objectValue?["x"]?.stringValue == evil)
        }
    }

    /// Errors of providers and mail servers name recipients; libraries' may name a URL.
    @Test(arguments: [
        ("550 5.1.1 <eva.lang@example.org>: user unknown", "550 5.1.1 <e***@example.org>: user unknown"), ("a@b.example", "***@b.example"),
        ("no sign", "no sign"), ("x_y/z", "x_y/z"), ("eva@x.example, adam+1@y.example", "e***@x.example, a***@y.example"), ("@", "@"),
        ("\"a b\"@x.example", "\"a b***@x.example"), ("ü@x.example", "***@x.example"),
        ("postgres://martlet:geheim@db/x", "postgres://martlet:***@db/x"),
        ("GET /u/\(link)?x", "GET /u/***?x"), ("https://m.example/c/\(link)", "https://m.example/c/***"), ("/u/short", "/u/short"),
        ("key mk_\(link)abcdef, no", "key mk_***, no"), ("mk_short", "mk_short"),
        ("/emails/0192f0c1-0000-7000-8000-000000000000", "/emails/0192f0c1-0000-7000-8000-000000000000"),
    ])
    func addressesAndTokensAreNotWritten(text: String, written: String) throws {
        logger(.json).error("m", metadata: ["error": "\(text)", "list": ["\(text)"], "members": ["a": "\(text)"]])
        let members = try #require(try JSONValue.parse(Array(lines.all[0].utf8)).objectValue)
        #expect(members["error"]?.stringValue == written)
        #expect(members["list"]?.arrayValue?.first?.stringValue == written && members["members"]?.objectValue?["a"]?.stringValue == written)
        logger(.text).error("m", metadata: ["error": "\(text)"])
        #expect(lines.all[1].contains(written.contains { " \"=".contains($0) } ? written.debugDescription : written))
    }

    private static let link = String(repeating: "Ab1-_", count: 8) + "xyz"

    @Test(arguments: [LogFormat.json, .text])
    func secretsAreNotWritten(_ format: LogFormat) {
        logger(format).info(
            "Oops", metadata: ["http.authorization": "Bearer geheim", "api.token": "geheim", "token": "geheim", "Secret": "geheim"])
        #expect(lines.all.count == 1)
        #expect(!lines.all.joined().contains("geheim"))
    }

    @Test func timeFollowsTheClock() throws {
        let logger = logger(.text)
        for milliseconds in [999, 1000, 61_042] as [Int64] {
            clock.time.withLock { $0 = Timestamp(milliseconds: milliseconds) }
            logger.info("tick")
        }
        #expect(
            lines.all.map { String($0.prefix(24)) } == ["1970-01-01T00:00:00.999Z", "1970-01-01T00:00:01.000Z", "1970-01-01T00:01:01.042Z"])
    }

    @Test func reservedFieldsKeepTheirNames() throws {
        logger(.json).info("real", metadata: ["message": "false", "level": "false"])
        let members = try #require(try JSONValue.parse(Array(lines.all.joined().utf8)).objectValue)
        #expect(members["message"]?.stringValue == "real")
        #expect(members["metadata.message"]?.stringValue == "false")
        #expect(members["metadata.level"]?.stringValue == "false")
    }

    @Test func theLevelIsRespected() {
        logger(.json, level: .warning).info("quiet")
        #expect(lines.all.isEmpty)
    }

    private func logger(_ format: LogFormat, level: Logger.Level = .info) -> Logger {
        let output = LogOutput(clock: { [clock] in clock.time.withLock { $0 } }, sink: lines.append)
        return Logger(label: "martlet.test") { LineLogHandler(label: $0, level: level, format: format, output: output) }
    }
}

private final class Clock: Sendable {
    let time = Mutex(Timestamp(rfc3339: "2026-01-31T23:59:59.007Z") ?? Timestamp(milliseconds: 0))
}

private final class Lines: Sendable {
    private let written = Mutex<[String]>([])

    var all: [String] { written.withLock { $0 } }

    func append(_ line: [UInt8]) {
        written.withLock { $0.append(String(decoding: line, as: UTF8.self)) }
    }
}
