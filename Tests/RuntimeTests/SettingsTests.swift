import AmazonSES
import Logging
import MailModel
import SMTP
import Testing

@testable import Runtime

struct SettingsTests {
    @Test(arguments: [("30", "0", 30), ("30", "90", 30), ("90", "30", 28), ("5", "2", 0), ("1", "3", 1)])
    func nothingIsScheduledBeyondRetention(schedule: String, retention: String, days: Int) throws {
        let settings = try read(["MARTLET_EMAILS_MAXIMUM_SCHEDULE_DAYS": schedule, "MARTLET_RETENTION_EMAILS_DAYS": retention])
        #expect(settings.farthestSchedule == .seconds(days * 86_400))
    }

    @Test func defaultsAreThoseOfTheSpecification() throws {
        let settings = try read([:])
        #expect(settings == .defaults)
        #expect(settings.http == Settings.HTTP(host: "127.0.0.1", port: 8080))
        #expect(settings.database == .sqlite(path: "var/martlet.sqlite"))
        #expect(settings.transport == .capture)
        #expect(settings.sns.verifySignatures)
        #expect(settings.gate.requireVerified)
        #expect(settings.guillotine.bouncePercent == Percent(3))
        #expect(settings.guillotine.minimumSent == 0)
        #expect(settings.delivery.grace == .seconds(120))
        #expect(settings.delivery.lease == .seconds(60))
        #expect(settings.delivery.retry == RetrySchedule())
        #expect(settings.roles == [.http, .delivery, .callbacks, .policy, .submission, .feedback, .scheduler])
        #expect(settings.sqs == Settings.SQS(queueURLs: [], maximumReceives: 5))
        #expect(settings.policy == Settings.Policy(listen: nil, rules: PolicyRules()))
        #expect(settings.masterToken == nil)
    }

    @Test(arguments: ["postgres://martlet:secret@db1:5432,db2:5432/martlet?sslmode=verify-full", "postgresql:///martlet"])
    func aServerIsNamedByItsURL(_ url: String) throws {
        let settings = try read(["MARTLET_DATABASE_URL": url])
        #expect(settings.database == .postgres(url: url))
        #expect(MasterToken.path(beside: settings.database) == "var/master-token")
    }

    @Test func everyNameOfTheSpecificationIsRead() throws {
        let settings = try read([
            "MARTLET_HTTP_HOST": "::1", "MARTLET_HTTP_PORT": "9000", "MARTLET_PUBLIC_URL": "https://mail.example.com/",
            "MARTLET_MASTER_TOKEN": "0123456789abcdef", "MARTLET_DATABASE_URL": "sqlite:/srv/mail.sqlite", "MARTLET_TRANSPORT": "ses",
            "MARTLET_SES_CONFIGURATION_SET": "events", "MARTLET_SNS_TOPIC_ARNS": "\(arn), \(arn)2", "MARTLET_SNS_VERIFY_SIGNATURES": "no",
            "MARTLET_SQS_QUEUE_URLS": "\(queue), \(queue)-2", "MARTLET_SQS_MAXIMUM_RECEIVES": "3",
            "MARTLET_GATE_REQUIRE_VERIFIED": "false", "MARTLET_GUILLOTINE_BOUNCE_PERCENT": "2.5", "MARTLET_GUILLOTINE_MINIMUM_SENT": "100",
            "MARTLET_REPUTATION_COUNT_TRANSIENT": "true", "MARTLET_REPUTATION_MINIMUM_SENT": "50", "MARTLET_RESETS_MODE": "external",
            "MARTLET_DELIVERY_GRACE_SECONDS": "3",
            "MARTLET_DELIVERY_LEASE_SECONDS": "1", "MARTLET_DELIVERY_RETRY_SECONDS": "2", "MARTLET_DELIVERY_MAXIMUM_AGE_HOURS": "1",
            "MARTLET_DELIVERY_CONCURRENCY": "7", "MARTLET_DATABASE_CONNECTIONS": "3",
            "MARTLET_DELIVERY_RATE": "500",
            "MARTLET_DOMAINS_DAILY_LIMIT": "10",
            "MARTLET_DOMAINS_MONTHLY_LIMIT": "20", "MARTLET_EMAILS_MAXIMUM_BYTES": "2048", "MARTLET_ROLES": "http, delivery",
            "MARTLET_LOG_LEVEL": "debug", "MARTLET_LOG_FORMAT": "json", "MARTLET_POLICY_LISTEN": "127.0.0.1:10040",
            "MARTLET_POLICY_ON_ERROR": "dunno", "MARTLET_POLICY_DOMAIN": "sasl", "MARTLET_POLICY_COUNT": "rcpt",
            "MARTLET_POLICY_UNKNOWN_DOMAIN": "defer", "MARTLET_POLICY_PARENT_DOMAIN": "true",
        ])
        #expect(settings.http == Settings.HTTP(host: "::1", port: 9000))
        #expect(settings.publicURL == "https://mail.example.com")
        #expect(settings.masterToken == "0123456789abcdef")
        #expect(settings.database == .sqlite(path: "/srv/mail.sqlite"))
        #expect(settings.transport == .ses)
        #expect(settings.configurationSets.common == "events")
        #expect(settings.sns == Settings.SNS(topicARNs: [arn, arn + "2"], verifySignatures: false))
        #expect(settings.sqs.queueURLs.map(\.name) == ["ses-events", "ses-events-2"] && settings.sqs.maximumReceives == 3)
        #expect(!settings.gate.requireVerified)
        #expect(settings.guillotine.bouncePercent == Percent("2.5"))
        #expect(settings.guillotine.minimumSent == 100)
        #expect(settings.countTransient && settings.reputation.minimumSent == 50)
        #expect(settings.resets == .external)
        #expect(settings.delivery.grace == .seconds(3))
        #expect(settings.delivery.lease == .seconds(1))
        #expect(settings.delivery.retry.firstDelay == .seconds(2))
        #expect(settings.delivery.retry.maximumAge == .seconds(3600))
        #expect(settings.delivery.concurrency == 7)
        #expect(settings.databaseConnections == 3)
        #expect(settings.delivery.rate == 500)
        #expect(settings.domains == Settings.Domains(dailyLimit: 10, monthlyLimit: 20, ownership: OwnershipRules()))
        #expect(settings.maximumEmailBytes == 2048)
        #expect(settings.roles == [.http, .delivery])
        #expect(settings.policy.listen == .tcp(host: "127.0.0.1", port: 10040))
        var rules = PolicyRules()
        (rules.onError, rules.domain, rules.count) = (.dunno, .sasl, .rcpt)
        (rules.unknownDomain, rules.usesParentDomain) = (.deferred, true)
        #expect(settings.policy.rules == rules)
        #expect(settings.log == Settings.Log(level: .debug, format: .json))
    }

    @Test(arguments: [
        ("MARTLET_HTTP_PORT", "80a"), ("MARTLET_HTTP_PORT", ""), ("MARTLET_HTTP_PORT", "70000"), ("MARTLET_HTTP_HOST", "a b"),
        ("MARTLET_PUBLIC_URL", "mail.example.com"), ("MARTLET_PUBLIC_URL", "https://"), ("MARTLET_PUBLIC_URL", "https://x/?a"),
        ("MARTLET_TRANSPORT", "pigeon"), ("MARTLET_TRANSPORT", "SES"), ("MARTLET_SES_CONFIGURATION_SET", "two words"),
        ("MARTLET_SNS_TOPIC_ARNS", "arn:aws:sqs:eu-west-1:123456789012:x"), ("MARTLET_SNS_TOPIC_ARNS", "\(arn),"),
        ("MARTLET_SQS_QUEUE_URLS", "ses-events"), ("MARTLET_SQS_QUEUE_URLS", "http://sqs.eu-west-1.amazonaws.com/123456789012/q"),
        ("MARTLET_SQS_QUEUE_URLS", "\(queue),"), ("MARTLET_SQS_MAXIMUM_RECEIVES", "0"),
        ("MARTLET_SNS_VERIFY_SIGNATURES", "off"), ("MARTLET_GUILLOTINE_BOUNCE_PERCENT", "3%"), ("MARTLET_GUILLOTINE_MINIMUM_SENT", "-1"),
        ("MARTLET_RESETS_MODE", "cron"), ("MARTLET_DELIVERY_LEASE_SECONDS", "0"), ("MARTLET_DELIVERY_RATE", "0"),
        ("MARTLET_ROLES", "http,lottery"), ("MARTLET_LOG_LEVEL", "loud"), ("MARTLET_POLICY_LISTEN", "10040"),
        ("MARTLET_POLICY_LISTEN", ""), ("MARTLET_POLICY_ON_ERROR", "pass"),
        ("MARTLET_POLICY_COUNT", "both"), ("MARTLET_LOG_FORMAT", "xml"),
        ("MARTLET_RETENTION_EMAILS_DAYS", "1"), ("MARTLET_HTTP_TRUSTED_PROXIES", "proxy.example"),
        ("MARTLET_HTTP_TRUSTED_PROXIES", "10.0.0.1/8"),
    ])
    func malformedValueIsNamed(variable: String, value: String) throws {
        let problems = problems(of: [variable: value])
        #expect(problems.count == 1)
        #expect(problems.first?.hasPrefix("\(variable) is \(value.debugDescription): expected ") == true)
    }

    @Test(arguments: [
        ("MARTLET_MASTER_TOKEN", "short-secret"), ("MARTLET_MASTER_TOKEN", "with a space in between"), ("MARTLET_MASTER_TOKEN", ""),
        ("MARTLET_DATABASE_URL", "mysql://martlet:geheim@db/martlet"),
        ("MARTLET_DATABASE_URL", "sqlite:"),
        ("MARTLET_DATABASE_URL", "sqlite::memory:"), ("MARTLET_DATABASE_URL", "sqlite://var/x"),
        ("MARTLET_DATABASE_URL", "var/martlet.sqlite"),
    ])
    func malformedSecretIsNotShown(variable: String, value: String) throws {
        let problem = try #require(problems(of: [variable: value]).first)
        #expect(problem.hasPrefix("\(variable) is malformed: expected "))
        #expect(value.count < 8 || !problem.contains(value))
        #expect(!problem.contains("geheim"))
    }

    @Test func allProblemsAreReportedAtOnce() {
        let problems = problems(of: ["MARTLET_HTTP_PORT": "x", "MARTLET_LOG_LEVEL": "y", "MARTLET_HTP_HOST": "z"])
        #expect(problems.count == 3)
        #expect(problems.contains { $0.contains("MARTLET_HTP_HOST is no setting: did you mean MARTLET_HTTP_HOST?") })
    }

    @Test(arguments: [
        ("MARTLET_HTTP_PROT", "MARTLET_HTTP_PROT is no setting: did you mean MARTLET_HTTP_PORT?"),
        ("MARTLET_GUILLOTINE_PERCENT", "MARTLET_GUILLOTINE_PERCENT is no setting: did you mean MARTLET_GUILLOTINE_BOUNCE_PERCENT?"),
        ("MARTLET_COMPLETELY_DIFFERENT", "MARTLET_COMPLETELY_DIFFERENT is no setting"),
    ])
    func unknownVariableIsRefused(name: String, problem: String) {
        #expect(problems(of: [name: "1"]) == [problem])
    }

    @Test func anUnusedRelayIsReported() throws {
        let url = "smtp://relay.example"
        let settings = try Settings.read(SettingsSource(environment: ["MARTLET_SMTP_URL": url]))
        #expect(settings.notes == ["MARTLET_SMTP_URL has no effect while MARTLET_TRANSPORT is capture"])
        let used = try Settings.read(
            SettingsSource(environment: [
                "MARTLET_SMTP_URL": url, "MARTLET_TRANSPORT": "smtp", "MARTLET_PUBLIC_URL": "https://mail.example.com",
            ]))
        #expect(used.notes == [] && used.smtp?.port == 587)
    }

    @Test(arguments: [
        (["MARTLET_TRANSPORT": "smtp"], "MARTLET_TRANSPORT is smtp, but MARTLET_SMTP_URL does not say where to"),
        (["MARTLET_SMTP_URL": "relay.example"], "MARTLET_SMTP_URL is malformed: expected smtp://"),
        (["MARTLET_SMTP_URL": "smtp://u:secret@relay.example?tls=off"], "MARTLET_SMTP_URL has a password and ?tls=off"),
    ])
    func invalidRelaysAreRefused(environment: [String: String], problem: String) {
        let found = problems(of: environment)
        #expect(found.count == 1 && found[0].hasPrefix(problem))
        #expect(!found[0].contains("secret"))
    }

    @Test(arguments: ["MARTLET_URL", "MARTLET_TOKEN", "MARTLET_SERVICE_HOST", "MARTLET_PORT_8080_TCP", "PATH", "AWS_REGION"])
    func foreignVariablesAreIgnored(name: String) {
        #expect(problems(of: [name: "x"]) == [])
    }

    @Test(arguments: [
        ("0.0.0.0", false), ("192.168.1.1", false), ("127.evil.example", false), ("127.0.0.1", true), ("localhost", true), ("::1", true),
    ])
    func unverifiedSNSNeedsLoopback(host: String, isAllowed: Bool) {
        let problems = problems(of: ["MARTLET_SNS_VERIFY_SIGNATURES": "false", "MARTLET_HTTP_HOST": host])
        #expect(problems.isEmpty == isAllowed)
    }

    @Test func aNodeWithoutRolesIsRefused() {
        #expect(problems(of: ["MARTLET_ROLES": ""]).count == 1)
    }
}

let queue = "https://sqs.eu-west-1.amazonaws.com/123456789012/ses-events"
let arn = "arn:aws:sns:eu-west-1:123456789012:ses-events"

func read(_ environment: [String: String]) throws -> Settings {
    try Settings.read(SettingsSource(environment: environment))
}

func problems(of environment: [String: String]) -> [String] {
    do {
        _ = try Settings.read(SettingsSource(environment: environment))
        return []
    } catch {
        return error.problems
    }
}
