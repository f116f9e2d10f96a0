import JSON
import MailModel
import Outbound

extension SendingDomain {
    /// `id`, `name`, `created_at`: the answer of `POST /domains`.
    func writeIdentity(to object: inout JSONWriter) {
        object.member("id", id)
        object.member("name", name.description)
        object.member("created_at", createdAt.description)
    }

    /// A domain in a list.
    func write(to writer: inout JSONWriter) {
        writer.object {
            writeIdentity(to: &$0)
            $0.member("outbound_status", outbound.status.rawValue)
            $0.member("ses_verified", verification.isVerified)
        }
    }

    /// The answer of `GET /domains/{name}/outbound`: the thirteen fields of the specification in their order, followed by further ones.
    func writeOutbound(to writer: inout JSONWriter) {
        writer.object {
            $0.member("name", name.description)
            $0.member("outbound_tier", outbound.tier.rawValue)
            $0.member("outbound_status", outbound.status.rawValue)
            $0.member("outbound_daily_limit", outbound.dailyLimit)
            $0.member("outbound_monthly_limit", outbound.monthlyLimit)
            $0.member("outbound_sent_today", counters.sentToday)
            $0.member("outbound_sent_month", counters.sentThisMonth)
            $0.member("outbound_enforcement", outbound.enforcement.rawValue)
            $0.member("bounce_count", counters.bounces)
            $0.member("complaint_count", counters.complaints)
            $0.member("bounce_rate", counters.bounceRate.percent)
            $0.member("complaint_rate", counters.complaintRate.percent)
            $0.member("ses_verified", verification.isVerified)
            $0.member("warmup_profile", outbound.warmupProfile.name)
            $0.member("spike_max_multiplier", outbound.spikeMaxMultiplier)
            $0.member("suspended_reason", outbound.suspendedReason)
            $0.member("suspended_at", outbound.suspendedAt?.description)
        }
    }
}

extension VerificationRecords {
    /// The answer of `ses-verify` (specification 3.7); `ses_verified` is always false there.
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("name", domain.description)
            $0.member("ses_verification_token", token)
            $0.member("ses_dkim_tokens", dkimTokens)
            $0.member("ses_verified", false)
            $0.member("dns_records") { writer in
                writer.array { array in
                    for record in dnsRecords {
                        array.object {
                            $0.member("type", record.type)
                            $0.member("name", record.name)
                            $0.member("value", record.value)
                        }
                    }
                }
            }
        }
    }
}
