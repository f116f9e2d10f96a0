import Logging
import Testing

@testable import Runtime

/// The rules are those of systemd (`src/basic/env-file.c`), except for the lines that are refused.
struct EnvironmentFileTests {
    private func value(_ line: String) -> String? {
        let file = EnvironmentFile(Array("A=\(line)".utf8), name: "martlet.env")
        return file.problems.isEmpty && file.assignments.count == 1 ? file.assignments[0].value : nil
    }

    @Test(arguments: [
        ("x", "x"), ("", ""), ("  x y \t", "x y"), ("x=y", "x=y"), ("x#y", "x#y"), (#"it's"#, "it's"), (#"x"y""#, #"x"y""#),
        (#"a\ b"#, "a b"), (#"a\\b"#, #"a\b"#), (#"a\nb"#, "anb"), (#"x\ "#, "x "), ("$HOME", "$HOME"), ("a;b", "a;b"),
        ("''", ""), (#""""#, ""), ("'x y'", "x y"), (#"" x ""#, " x "), ("  'x'  ", "x"), (#"'a'"b"'c'"#, "abc"),
        (#"'a # b'"#, "a # b"), (#""a # b""#, "a # b"), (#"'a\b'"#, #"a\b"#), (#""a\"b""#, #"a"b"#), (#""a\\b""#, #"a\b"#),
        (#""a\$b\`c""#, "a$b`c"), (#""a\nb""#, #"a\nb"#), (#"'"'"#, #"""#), (#""'""#, "'"), ("Zoë", "Zoë"),
        ("a\\\nb", "ab"), ("a\\\r\nb", "ab"), ("\"a\\\nb\"", "ab"), ("a\\\n  b", "a  b"),
    ])
    func valuesAreReadAsSystemdReadsThem(line: String, expected: String) {
        #expect(value(line) == expected, "\(line)")
    }

    @Test(arguments: [
        ("x # comment", "a comment needs a line of its own"), ("# comment", "a comment needs a line of its own"),
        ("'x' # comment", "a comment needs a line of its own"), ("'x' y", "there is something behind the closing quote"),
        ("'x'y", "there is something behind the closing quote"), ("'x", "the quote ' is not closed on its line"),
        ("\"x\nB='y\"'", "the quote \" is not closed on its line"), ("x\\", "ends in a backslash, and no line follows"),
    ])
    func ambiguousValuesAreRefused(line: String, problem: String) {
        let file = EnvironmentFile(Array("# first\nA=\(line)".utf8), name: "martlet.env")
        #expect(file.problems.first?.hasPrefix("martlet.env, line 2: \(problem)") == true, "\(file.problems)")
    }

    @Test(arguments: [
        ("A=1\nB=2\n", ["A", "B"]), ("# c\r\nA=1\r\nB=2\r\n", ["A", "B"]), ("# c\rA=1\rB=2", ["A", "B"]), ("\n\r\n; c\n  # c\nA=1", ["A"]),
        ("\tA = 1", ["A"]), ("A=1\n#B=2\\\nC=3", ["A", "C"]), ("", []), ("# c", []),
    ])
    func lineEndsOfEverySystemAreRead(text: String, names: [String]) {
        let file = EnvironmentFile(Array(text.utf8), name: "martlet.env")
        #expect(file.problems == [] && file.assignments.map(\.name) == names)
        #expect(file.assignments.first.map { $0.value == "1" } ?? true)
    }

    @Test func linesAreCounted() {
        let file = EnvironmentFile(Array("# c\r\n\r\nA=1\\\r\n2\r\nB=3".utf8), name: "martlet.env")
        #expect(file.assignments == [.init(name: "A", value: "12", line: 3), .init(name: "B", value: "3", line: 5)])
        #expect(file.place(of: file.assignments[1]) == "martlet.env, line 5")
    }

    @Test(arguments: [
        ("export A=1", "`export` is for shells, systemd and Docker would ignore the line: expected A=value"),
        ("A", "expected NAME=value"), ("=1", "expected NAME=value"), ("A B=1", #""A B" is not a name: expected NAME=value"#),
        ("B=0\nA=1", "A is given twice, first in line 1"),
    ])
    func linesWithoutAnAssignmentAreRefused(text: String, problem: String) {
        let file = EnvironmentFile(Array("A=0\n\(text)".utf8), name: "martlet.env")
        #expect(file.problems.count == 1 && file.problems[0].hasSuffix(": \(problem)"), "\(file.problems)")
    }

    @Test func allFaultsAreReportedAtOnce() {
        let file = EnvironmentFile(Array("A\nB\nC=1\nexport D=1".utf8), name: "martlet.env")
        #expect(file.problems.count == 3)
    }
}

/// Whole files as sources of the settings.
struct SettingsOfEnvironmentFileTests {
    private func read(_ bytes: [UInt8], environment: [String: String] = [:]) throws -> Settings {
        try Settings.read(SettingsSource(environment: environment, file: bytes, name: "martlet.env"))
    }

    private func problems(_ bytes: [UInt8], environment: [String: String] = [:]) -> [String] {
        let error = #expect(throws: SettingsError.self) { try read(bytes, environment: environment) }
        return error?.problems ?? []
    }

    /// A comment in the first line ends with the line, whatever the line end is.
    @Test(arguments: ["\n", "\r\n", "\r"])
    func aCommentInTheFirstLineHidesNoOther(lineEnd: String) throws {
        let text = ["# Martlet", "MARTLET_HTTP_PORT=9001", "MARTLET_LOG_LEVEL=debug", ""].joined(separator: lineEnd)
        let settings = try read(Array(text.utf8))
        #expect(settings.http.port == 9001 && settings.log.level == .debug)
        #expect(try read([0xEF, 0xBB, 0xBF] + Array(text.utf8)) == settings, "with a byte order mark")
    }

    @Test(arguments: [
        ("martlet_http_port=1", "martlet_http_port is no setting: did you mean MARTLET_HTTP_PORT?"),
        ("http.port=1", #""http.port" is not the name of a variable: did you mean MARTLET_HTTP_PORT?"#),
        ("http.trustedProxies=::1", #""http.trustedProxies" is not the name of a variable: did you mean MARTLET_HTTP_TRUSTED_PROXIES?"#),
        ("MARTLET-HTTP-PORT=1", #""MARTLET-HTTP-PORT" is not the name of a variable: did you mean MARTLET_HTTP_PORT?"#),
        ("MARTLET_HTTP_PROT=1", "MARTLET_HTTP_PROT is no setting: did you mean MARTLET_HTTP_PORT?"),
        ("http_port=1", "http_port is no setting: did you mean MARTLET_HTTP_PORT?"),
        ("aws_region=x", "aws_region is no setting: did you mean AWS_REGION?"),
        ("1X=1", #""1X" is not the name of a variable"#),
        ("MARTLET_HTTP_PORT=9x", #"MARTLET_HTTP_PORT is "9x": expected a whole number from 1 to 65535"#),
    ])
    func faultsAreNamedByLine(line: String, problem: String) {
        #expect(problems(Array("# c\n\(line)\n".utf8)) == ["martlet.env, line 2: \(problem)"])
    }

    @Test(arguments: ["martlet_http_port", "Martlet_Http_Port"])
    func aVariableInLowerCaseIsRefused(name: String) {
        let error = #expect(throws: SettingsError.self) { try Settings.read(SettingsSource(environment: [name: "1"])) }
        #expect(error?.problems == ["\(name) is no setting: did you mean MARTLET_HTTP_PORT?"])
    }

    @Test(arguments: [
        ("PGPASSWORD=x", "martlet.env, line 1: PGPASSWORD has no effect: only MARTLET_… and AWS_… are read from a file"),
        ("http_proxy=x", "martlet.env, line 1: http_proxy has no effect: only MARTLET_… and AWS_… are read from a file"),
        (
            "HTTP_PORT=1",
            "martlet.env, line 1: HTTP_PORT has no effect: only MARTLET_… and AWS_… are read from a file: did you mean MARTLET_HTTP_PORT?"
        ),
        (
            "MARTLET_TOKEN=x",
            "martlet.env, line 1: MARTLET_TOKEN is for other commands or programs, which do not read it from a file"
        ),
    ])
    func foreignVariablesInAFileAreNotedAndIgnored(line: String, note: String) throws {
        #expect(try read(Array(line.utf8)).notes == [note])
    }

    @Test func foreignVariablesOfTheEnvironmentAreNotNoted() throws {
        let settings = try read(Array("AWS_REGION=x".utf8), environment: ["PGPASSWORD": "x", "HTTP_PORT": "1", "http_proxy": "x"])
        #expect(settings.notes == [])
    }

    @Test(
        arguments: [
            ([0xFF, 0xFE] + "A=1".utf8.flatMap { [$0, 0] }, "martlet.env is UTF-16 or no text at all: save it as UTF-8"),
            ([0xFE, 0xFF] + "A=1".utf8.flatMap { [0, $0] }, "martlet.env is UTF-16 or no text at all: save it as UTF-8"),
            ("A=1".utf8.flatMap { [$0, 0] }, "martlet.env is UTF-16 or no text at all: save it as UTF-8"),
            (Array("MARTLET_LOG_LEVEL=".utf8) + [0xE9], "martlet.env is not UTF-8: save it as UTF-8"),
        ] as [([UInt8], String)])
    func otherEncodingsAreRefused(bytes: [UInt8], problem: String) {
        #expect(problems(bytes) == [problem])
    }

    @Test func namesOfVariablesAreRefusedInAJSONFile() {
        let json = Array(#"{"MARTLET_HTTP_PORT": 9001, "Http.port": 1}"#.utf8)
        let error = #expect(throws: SettingsError.self) {
            try Settings.read(SettingsSource(environment: [:], file: json, name: "martlet.json"))
        }
        #expect(
            error?.problems == [
                "Http.port is no setting: did you mean http.port?", "MARTLET_HTTP_PORT is no setting: did you mean http.port?",
            ])
    }
}
