import JSON

/// A tenant that a program has made.
struct SinkTenant: Sendable {
    let name: String
    /// The ARNs of its identities and configuration sets.
    var resources: Set<String> = []
    /// What SES says of it: `ENABLED`, `REINSTATED` or `DISABLED`.
    var status = "ENABLED"
    var cause: String?
    var impact: String?

    static let arnPrefix = "arn:aws:ses:eu-west-1:123456789012:"

    var arn: String { Self.arnPrefix + "tenant/\(name)/tn-1" }

    /// Whether it may send for a domain and with a set.
    func mayUse(_ email: SentEmail) -> Bool {
        let set = email.configurationSet.map { resources.contains(Self.arnPrefix + "configuration-set/" + $0) } ?? true
        return set && resources.contains(Self.arnPrefix + "identity/" + email.domain)
    }

    func write(to writer: inout JSONWriter) {
        writer.member("TenantName", name)
        writer.member("TenantId", "tn-1")
        writer.member("TenantArn", arn)
        writer.member("CreatedTimestamp", 1_790_000_000)
        writer.member("SendingStatus", status)
    }

    /// Writes its `ReputationEntity`.
    func writeEntity(to writer: inout JSONWriter) {
        writer.member("ReputationEntityReference", arn)
        writer.member("ReputationEntityType", "RESOURCE")
        writer.member("ReputationManagementPolicy", "arn:aws:ses:eu-west-1:aws:reputation-policy/standard")
        writer.member("SendingStatusAggregate", status)
        if let impact { writer.member("ReputationImpact", impact) }
        writer.member("CustomerManagedStatus") { $0.object { $0.member("Status", "ENABLED") } }
        writer.member("AwsSesManagedStatus") { writer in
            writer.object { record in
                record.member("Status", status)
                if let cause { record.member("Cause", cause) }
            }
        }
    }
}
