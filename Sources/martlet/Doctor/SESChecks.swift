import AmazonSES
import MailModel
import Runtime

/// The checks of the account at SES: its quota, and whether it publishes its events.
struct SESChecks {
    let settings: Settings
    let ses: SESClient

    /// The events without which bounces, complaints and the outcome of an attempt with a lost answer remain unknown.
    private static let neededEvents = ["send", "reject", "delivery", "bounce", "complaint", "renderingFailure"]

    func examine() async -> [Finding] {
        var findings = [await account()]
        for set in settings.configurationSets.names { findings.append(await events(of: set)) }
        if settings.configurationSets.names.isEmpty { findings.append(Self.noSet) }
        if settings.tenants.mode != .off { findings.append(await tenants()) }
        return findings
    }

    /// Checks by a tenant that does not exist whether the policy of rights lets tenants be read.
    private func tenants() async -> Finding {
        do {
            _ = try await ses.tenant(named: "martlet-doctor")
        } catch {
            guard error.code == "NotFoundException" else { return Finding("ses tenants", isWell: false, "cannot be read: \(error)") }
        }
        return Finding("ses tenants", isWell: true, "can be read")
    }

    private func account() async -> Finding {
        do {
            let account = try await ses.account()
            let quota = account.quota
            let figures =
                "takes \(Int(quota.max24HourSend)) emails a day and \(Int(quota.maxSendRate)) a second, had \(Int(quota.sentLast24Hours)) within a day"
            return Finding("ses", isWell: account.isSendingEnabled ?? true, ([figures] + notes(on: account)).joined(separator: "; "))
        } catch {
            return Finding("ses", isWell: false, "does not answer as it should: \(error)")
        }
    }

    private func notes(on account: SESAccount) -> [String] {
        var notes: [String] = []
        if account.isSendingEnabled == false { notes.append("but sending is paused: no mail leaves until AWS or you resume it") }
        if account.hasProductionAccess == false {
            notes.append("that is the sandbox, which mails verified addresses only: ask AWS for production access")
        }
        if let review = account.review, review != "GRANTED" { notes.append("AWS's review of the request for it: \(review)") }
        if let enforcement = account.enforcement, enforcement != "HEALTHY" { notes.append("AWS says of the account: \(enforcement)") }
        if account.isSendingEnabled == nil {
            notes.append("the policy of rights lacks ses:GetAccount: whether sending is paused is not known")
        }
        return notes
    }

    private static let noSet = Finding(
        "ses events", isWell: true,
        "are those of identities alone: MARTLET_SES_CONFIGURATION_SET is not set, so an identity without an SNS topic of its own publishes nothing"
    )

    private func events(of set: String) async -> Finding {
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
