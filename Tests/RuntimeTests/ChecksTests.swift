import Foundation
import Testing

@testable import Runtime

struct SettingsRuleTests {
    @Test(arguments: [
        (["MARTLET_POLICY_LISTEN": "127.0.0.1:8080"], true), (["MARTLET_POLICY_LISTEN": "0.0.0.0:8080"], true),
        (["MARTLET_POLICY_LISTEN": "127.0.0.2:8080"], false), (["MARTLET_POLICY_LISTEN": "127.0.0.1:8081"], false),
        (["MARTLET_POLICY_LISTEN": "127.0.0.1:8080", "MARTLET_ROLES": "policy"], false),
        (["MARTLET_POLICY_LISTEN": "127.0.0.2:80", "MARTLET_HTTP_PORT": "80", "MARTLET_HTTP_HOST": "0.0.0.0"], true),
    ])
    func onePortForTwoListenersIsRefused(environment: [String: String], isRefused: Bool) {
        let problems = problems(of: environment)
        #expect(problems.isEmpty == !isRefused)
        #expect(problems.allSatisfy { $0.contains("expected two ports") })
    }

    /// The topic of any AWS account could otherwise confirm itself first.
    ///
    /// Without verification, for development, a list proves nothing.
    @Test(arguments: [
        (["MARTLET_TRANSPORT": "ses"], true), (["MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": arn], false),
        (["MARTLET_TRANSPORT": "ses", "MARTLET_SNS_VERIFY_SIGNATURES": "no"], false),
        (["MARTLET_TRANSPORT": "ses", "MARTLET_ROLES": "delivery"], false), ([:], false),
        (["MARTLET_TRANSPORT": "ses", "MARTLET_SQS_QUEUE_URLS": "https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events"], false),
        (["MARTLET_TRANSPORT": "smtp", "MARTLET_SMTP_URL": "smtp://relay.example"], false),
    ])
    func `SES needs the topics that are believed`(environment: [String: String], isRefused: Bool) {
        let problems = problems(of: environment)
        #expect(problems.isEmpty == !isRefused)
        #expect(problems.allSatisfy { $0.hasPrefix("MARTLET_SNS_TOPIC_ARNS is not set: with MARTLET_TRANSPORT=ses expected the topics") })
    }

    @Test(arguments: [
        ([:], []),
        (["MARTLET_SES_CONFIGURATION_SET": "events"], ["MARTLET_SES_CONFIGURATION_SET has no effect"]),
        (["MARTLET_SUPPRESSIONS_SYNC_SES": "yes"], ["MARTLET_SUPPRESSIONS_SYNC_SES has no effect"]),
        (
            ["MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": arn],
            ["MARTLET_PUBLIC_URL is not set", "MARTLET_SES_CONFIGURATION_SET is not set"]
        ),
        (
            [
                "MARTLET_TRANSPORT": "ses", "MARTLET_PUBLIC_URL": "https://m.example", "MARTLET_SES_CONFIGURATION_SET": "e",
                "MARTLET_SNS_TOPIC_ARNS": arn,
            ], []
        ),
        (
            ["MARTLET_TRANSPORT": "smtp", "MARTLET_SMTP_URL": "smtp://relay.example", "MARTLET_PUBLIC_URL": "http://m.example"],
            ["MARTLET_PUBLIC_URL is not https"]
        ),
        (
            ["MARTLET_SQS_QUEUE_URLS": queue, "MARTLET_ROLES": "http"],
            ["MARTLET_SQS_QUEUE_URLS is set, and MARTLET_ROLES has no feedback here"]
        ),
        (["MARTLET_SQS_QUEUE_URLS": queue], []),
        (
            ["MARTLET_SNS_VERIFY_SIGNATURES": "no", "MARTLET_PUBLIC_URL": "https://m.example"],
            ["MARTLET_SNS_VERIFY_SIGNATURES is false: anybody who reaches MARTLET_PUBLIC_URL"]
        ),
    ])
    func settingsWithAPitfallAreNoted(environment: [String: String], notes: [String]) throws {
        let found = try read(environment).notes
        #expect(found.count == notes.count)
        for (note, beginning) in zip(found, notes) { #expect(note.hasPrefix(beginning)) }
    }
}

struct MachineCheckTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-checks-\(UUID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        try body(folder)
    }

    private func write(_ text: String, to path: String) {
        #expect(FileManager.default.createFile(atPath: path, contents: Data(text.utf8)))
    }

    /// A missing or malformed region is found before the first call of SES.
    @Test(arguments: [[:], ["AWS_REGION": "nowhere!"], ["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "x"]])
    func sesNeedsARegion(variables: [String: String]) throws {
        let environment = variables.merging(["HOME": "/nowhere"]) { $1 }
        let settings = try read(["MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": arn])
        guard case .misconfigured(let problem) = MachineCheck.aws.examine(settings, environment) else {
            Issue.record("passed")
            return
        }
        #expect(problem.hasPrefix("AWS_"))
        #expect(MachineCheck.aws.examine(try read([:]), environment) == nil, "others need none")
    }

    @Test func certificatesAreFoundInTheFilesOfTheTLSLibrary() throws {
        try withFolder { folder in
            let bundle = "\(folder)/ca.crt"
            let certificates = CACertificates(files: ["\(folder)/absent.crt", bundle], folder: folder)
            #expect(certificates.areMissing)
            write("", to: "\(folder)/README.0")
            #expect(certificates.areMissing)
            write("", to: "\(folder)/607986c7.0")
            #expect(!certificates.areMissing, "by their hashes")
            write("", to: bundle)
            #expect(certificates.areMissing, "an empty bundle is no bundle")
            write("# x\n-----BEGIN CERTIFICATE-----\n", to: bundle)
            #expect(!certificates.areMissing)
            #expect(CACertificates(files: [], folder: "/nowhere").areMissing)
        }
    }

    @Test(
        arguments: [
            (["MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": arn], ["AWS_REGION": "eu-west-1"], "Amazon SES"),
            (
                ["MARTLET_TRANSPORT": "ses", "MARTLET_SNS_TOPIC_ARNS": arn],
                ["AWS_REGION": "eu-west-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:1"], nil
            ),
            (["MARTLET_TRANSPORT": "smtp", "MARTLET_SMTP_URL": "smtps://relay.example"], [:], "the relay relay.example"),
            (["MARTLET_TRANSPORT": "smtp", "MARTLET_SMTP_URL": "smtp://relay.example"], [:], "the relay relay.example"),
            (["MARTLET_TRANSPORT": "smtp", "MARTLET_SMTP_URL": "smtp://127.0.0.1?tls=off"], [:], nil),
            ([:], [:], nil),
        ] as [([String: String], [String: String], String?)])
    func certificatesAreRequiredOnlyWhereTheyAreUsed(settings: [String: String], environment: [String: String], server: String?) throws {
        let check = MachineCheck.certificates(CACertificates(files: [], folder: "/nowhere"))
        switch check.examine(try read(settings), environment) {
        case .wrong(let problem): #expect(problem.contains("\(server ?? "?") has to be verified: install the package ca-certificates"))
        case .notice(let notice): #expect(server == nil && notice.contains("install the package ca-certificates"))
        default: Issue.record("passed")
        }
    }

    @Test func theDatabaseFileIsChecked() throws {
        try withFolder { folder in
            let path = "\(folder)/martlet.sqlite"
            let settings = try read(["MARTLET_DATABASE_URL": "sqlite:\(path)"])
            #expect(MachineCheck.database.examine(settings, [:]) == nil, "it can be made")
            write("", to: path)
            try FileManager.default.setAttributes([.posixPermissions: 0o644], ofItemAtPath: path)
            guard case .notice(let notice) = MachineCheck.database.examine(settings, [:]) else {
                Issue.record("passed")
                return
            }
            #expect(notice.contains("chmod 600"))
            try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
            #expect(MachineCheck.database.examine(settings, [:]) == nil)
            let inFile = try read(["MARTLET_DATABASE_URL": "sqlite:\(path)/x/martlet.sqlite"])
            guard case .wrong = MachineCheck.database.examine(inFile, [:]) else {
                Issue.record("a file is no folder")
                return
            }
        }
    }
}
