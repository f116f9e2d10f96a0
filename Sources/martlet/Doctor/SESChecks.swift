import AmazonSES
import Runtime

/// The checks of the account at SES: its quota, and whether it publishes its events.
struct SESChecks {
    let settings: Settings
    let ses: SESClient

    /// The emails per day that SES allows in its sandbox (Developer Guide, "Request production access (Moving out of the Amazon SES sandbox)").
    private static let sandboxQuota = 200.0
    /// The events without which bounces, complaints and the outcome of an attempt with a lost answer remain unknown.
    private static let neededEvents = ["send", "reject", "delivery", "bounce", "complaint", "renderingFailure"]

    func examine() async -> [Finding] {
        [await quota(), await events()]
    }

    private func quota() async -> Finding {
        do {
            let quota = try await ses.sendQuota()
            let figures =
                "takes \(Int(quota.max24HourSend)) emails a day and \(Int(quota.maxSendRate)) a second, had \(Int(quota.sentLast24Hours)) within a day"
            let isSandbox = quota.max24HourSend <= Self.sandboxQuota
            return Finding(
                "ses", isWell: true,
                figures + (isSandbox ? "; that is the sandbox, which mails verified addresses only: ask AWS for production access" : ""))
        } catch {
            return Finding("ses", isWell: false, "does not answer as it should: \(error)")
        }
    }

    private func events() async -> Finding {
        guard let set = settings.sesConfigurationSet else {
            return Finding(
                "ses events", isWell: true,
                "are those of identities alone: MARTLET_SES_CONFIGURATION_SET is not set, so an identity without an SNS topic of its own publishes nothing"
            )
        }
        do {
            let missing = missingEvents(in: try await ses.eventDestinations(of: set))
            guard missing.isEmpty else {
                let listed = settings.sns.topicARNs.isEmpty ? "an SNS topic" : "an SNS topic of MARTLET_SNS_TOPIC_ARNS"
                return Finding("ses events", isWell: false, "\(set) does not publish \(missing.joined(separator: ", ")) to \(listed)")
            }
            return Finding("ses events", isWell: true, "\(set) publishes all that is needed to an SNS topic")
        } catch {
            return Finding("ses events", isWell: false, "\(set) could not be read: \(error)")
        }
    }

    private func missingEvents(in destinations: [EventDestination]) -> [String] {
        let listed = settings.sns.topicARNs
        let heard = destinations.filter { destination in
            destination.isEnabled && destination.topicARN.map { listed.isEmpty || listed.contains($0) } ?? false
        }
        let published = heard.reduce(into: Set<String>()) { $0.formUnion($1.eventTypes) }
        return Self.neededEvents.filter { !published.contains($0) }
    }
}
