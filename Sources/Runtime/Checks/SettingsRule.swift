import MailModel
import SMTP
import Storage

/// A rule over several settings: combinations that are refused, and settings without effect.
struct SettingsRule: Sendable {
    /// What a rule finds: a sentence.
    enum Finding: Sendable {
        /// The configuration is refused.
        case problem(String)
        /// The configuration is accepted, with a note for the operator.
        case note(String)
    }

    /// Returns `nil` for settings that follow the rule.
    let finding: @Sendable (Settings) -> Finding?

    /// All rules, in the order in which findings are shown.
    static let all: [SettingsRule] = [
        forgeableSNS, anyTopic, relayMissing, relayPassword, emailRetention, roles, ports, submissionCertificate, submissionPorts,
        closedSubmission, unusedRelay, unusedConfigurationSet, unusedTenants, unusedSync, publicURL, insecureLinks, silentSES,
        forgeableBehindProxy, queuesElsewhere, unsentNotices,
    ]

    /// Creates a rule that refuses.
    private static func problem(_ sentence: @escaping @Sendable (Settings) -> String?) -> SettingsRule {
        SettingsRule { sentence($0).map(Finding.problem) }
    }

    /// Creates a rule that informs.
    private static func note(_ sentence: @escaping @Sendable (Settings) -> String?) -> SettingsRule {
        SettingsRule { sentence($0).map(Finding.note) }
    }

    // MARK: - Problems

    private static let forgeableSNS = problem { settings in
        guard !settings.sns.verifySignatures, !isLoopback(settings.http.host) else { return nil }
        return
            "MARTLET_SNS_VERIFY_SIGNATURES is false, but the server listens on \(settings.http.host): anybody could forge bounces. Listen on 127.0.0.1, or verify."
    }

    /// Any AWS account can have a topic, and subscribe this server's address to it: the first one to do so would report the bounces and
    /// complaints of all.
    ///
    /// Where signatures are not verified, for development, a list would prove nothing.
    private static let anyTopic = problem { settings in
        guard settings.transport == .ses, settings.sns.topicARNs.isEmpty, settings.sqs.queueURLs.isEmpty, settings.sns.verifySignatures,
            settings.roles.contains(.http)
        else { return nil }
        return """
            MARTLET_SNS_TOPIC_ARNS is not set: with MARTLET_TRANSPORT=ses expected the topics that SES reports to, such as \
            arn:aws:sns:eu-west-1:123456789012:ses-events, or MARTLET_SQS_QUEUE_URLS in place of them, since the topic of any AWS account could send feedback otherwise
            """
    }

    private static let relayMissing = problem { settings in
        guard settings.transport == .smtp, settings.smtp == nil else { return nil }
        return "MARTLET_TRANSPORT is smtp, but MARTLET_SMTP_URL does not say where to: expected smtp://USER:PASSWORD@HOST:PORT"
    }

    private static let relayPassword = problem { settings in
        guard let smtp = settings.smtp, smtp.security == .none, smtp.credentials != nil, !isLoopback(smtp.host) else { return nil }
        return "MARTLET_SMTP_URL has a password and ?tls=off: anybody on the way to \(smtp.host) could read it"
    }

    private static let emailRetention = problem { settings in
        guard settings.retention.emails == .seconds(86_400) else { return nil }
        return
            "MARTLET_RETENTION_EMAILS_DAYS is \"1\": expected 0 or at least 2, since callbacks of an email are retried for longer than a day"
    }

    private static let roles = problem { settings in
        guard settings.roles.isEmpty else { return nil }
        return "MARTLET_ROLES is empty: expected at least one of http, delivery, callbacks, policy, submission, feedback, scheduler"
    }

    private static let ports = problem { settings in
        guard settings.roles.isSuperset(of: [.http, .policy]), case .tcp(let host, settings.http.port)? = settings.policy.listen else {
            return nil
        }
        let isShared = host == settings.http.host || [host, settings.http.host].contains { ["0.0.0.0", "::"].contains($0) }
        guard isShared else { return nil }
        return "MARTLET_POLICY_LISTEN and MARTLET_HTTP_PORT are both port \(settings.http.port): expected two ports"
    }

    private static let submissionCertificate = problem { settings in
        let submission = settings.submission
        if (submission.certificate == nil) != (submission.key == nil) {
            return "MARTLET_SUBMISSION_CERTIFICATE and MARTLET_SUBMISSION_KEY belong together: expected both or none"
        }
        guard submission.listen?.isImplicitTLS == true, submission.certificate == nil else { return nil }
        return """
            MARTLET_SUBMISSION_LISTEN begins with smtps://, but there is no certificate: \
            expected MARTLET_SUBMISSION_CERTIFICATE and MARTLET_SUBMISSION_KEY
            """
    }

    private static let submissionPorts = problem { settings in
        guard let listen = settings.submission.listen, settings.roles.contains(.submission) else { return nil }
        let isOfHTTP = settings.roles.contains(.http) && listen.port == settings.http.port
        let isOfPolicy =
            if settings.roles.contains(.policy), case .tcp(_, listen.port)? = settings.policy.listen { true } else { false }
        guard isOfHTTP || isOfPolicy else { return nil }
        let other = isOfHTTP ? "MARTLET_HTTP_PORT" : "MARTLET_POLICY_LISTEN"
        return "MARTLET_SUBMISSION_LISTEN and \(other) are both port \(listen.port): expected two ports"
    }

    // MARK: - Notes

    private static let closedSubmission = note { settings in
        guard let listen = settings.submission.listen, settings.submission.certificate == nil, !isLoopback(listen.host) else { return nil }
        return
            "MARTLET_SUBMISSION_LISTEN has no certificate (MARTLET_SUBMISSION_CERTIFICATE): clients on other machines cannot log in there, as their passwords would come in plain text"
    }

    private static let unusedRelay = note { settings in
        guard settings.smtp != nil, settings.transport != .smtp else { return nil }
        return "MARTLET_SMTP_URL has no effect while MARTLET_TRANSPORT is \(settings.transport.rawValue)"
    }

    private static let unusedConfigurationSet = note { settings in
        let sets = settings.configurationSets
        guard !sets.names.isEmpty, settings.transport != .ses else { return nil }
        let name = sets.common == nil ? "MARTLET_SES_CONFIGURATION_SETS" : "MARTLET_SES_CONFIGURATION_SET"
        return "\(name) has no effect while MARTLET_TRANSPORT is \(settings.transport.rawValue)"
    }

    private static let unusedTenants = note { settings in
        guard settings.tenants.mode != .off, settings.transport != .ses else { return nil }
        return "MARTLET_SES_TENANTS has no effect while MARTLET_TRANSPORT is \(settings.transport.rawValue)"
    }

    private static let unusedSync = note { settings in
        guard settings.syncsSuppressions, settings.transport != .ses else { return nil }
        return "MARTLET_SUPPRESSIONS_SYNC_SES has no effect while MARTLET_TRANSPORT is \(settings.transport.rawValue)"
    }

    private static let publicURL = note { settings in
        guard settings.transport != .capture, settings.publicURL == nil else { return nil }
        return
            "MARTLET_PUBLIC_URL is not set: emails of category marketing are refused, and links in emails lead to \(settings.localURL)"
    }

    private static let insecureLinks = note { settings in
        guard settings.transport != .capture, let url = settings.publicURL, url.hasPrefix("http:") else { return nil }
        return "MARTLET_PUBLIC_URL is not https: mail programs offer no unsubscription by one click (RFC 8058)"
    }

    private static let silentSES = note { settings in
        guard settings.transport == .ses, settings.configurationSets.names.isEmpty else { return nil }
        return
            "MARTLET_SES_CONFIGURATION_SET is not set: an identity without an SNS topic of its own publishes no bounces"
    }

    private static let queuesElsewhere = note { settings in
        guard !settings.sqs.queueURLs.isEmpty, !settings.roles.contains(.feedback) else { return nil }
        return
            "MARTLET_SQS_QUEUE_URLS is set, and MARTLET_ROLES has no feedback here: another node has to take the events out of the queues"
    }

    private static let unsentNotices = note { settings in
        guard settings.notices.sender == nil, !settings.notices.operators.isEmpty else { return nil }
        return "MARTLET_NOTICES_TO is set, but MARTLET_NOTICES_FROM does not say who sends: no notice is mailed"
    }

    private static let forgeableBehindProxy = note { settings in
        guard !settings.sns.verifySignatures, settings.publicURL != nil else { return nil }
        return "MARTLET_SNS_VERIFY_SIGNATURES is false: anybody who reaches MARTLET_PUBLIC_URL could forge bounces"
    }

    /// Returns whether only this machine can reach an address.
    private static func isLoopback(_ host: String) -> Bool {
        let isIPv4 = host.hasPrefix("127.") && host.split(separator: ".").count == 4 && host.allSatisfy { $0.isNumber || $0 == "." }
        return isIPv4 || host == "::1" || host.lowercased() == "localhost"
    }
}
