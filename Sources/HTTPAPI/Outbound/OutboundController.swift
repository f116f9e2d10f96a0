import Hummingbird
import MailModel
import NIOCore
import Outbound
import Web

/// `/domains/{name}/outbound`: configuration, counters, and the gate itself (specification 3).
struct OutboundController: Sendable {
    let domains: DomainService

    var operations: [Operation] {
        [
            Operation(.get, "/domains/{name}/outbound", .domainsRead, Self.findDocumentation, find),
            Operation(.put, "/domains/{name}/outbound", .domainsLimits, Self.updateDocumentation, update),
            Operation(
                .post, "/domains/{name}/outbound/increment", .outboundIncrement, Self.incrementDocumentation, directly: incrementDirectly,
                increment),
        ]
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let asked = try RequestedDomain(request, by: principal)
        let domain = try await domains.find(asked.name, of: asked.reference, by: principal)
        return .json { OutboundResources.outbound.write(domain, to: &$0) }
    }

    private func update(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var fields = try await request.fields()
        let changes = OutboundChanges(&fields)
        try fields.check()
        let asked = try RequestedDomain(request, by: principal)
        let domain = try await domains.update(asked.name, of: asked.reference, changes, by: principal)
        return .json { OutboundResources.outbound.write(domain, to: &$0) }
    }

    private func increment(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let count = try count(in: try await request.body(upTo: APIRequest.smallBody), of: request)
        let asked = try RequestedDomain(request, by: principal)
        let outcome = try await domains.increment(asked.name, of: asked.reference, by: count, principal: principal)
        return .json { OutboundResources.increment.write(outcome, to: &$0) }
    }

    private func incrementDirectly(
        _ request: APIRequest, _ body: ByteBuffer, by principal: Principal, answer: @escaping DirectResponder.Answer
    ) throws -> Bool {
        guard body.readableBytes <= APIRequest.smallBody else { return false }
        let count = try count(in: body, of: request)
        let asked = try RequestedDomain(request, by: principal)
        try domains.increment(asked.name, of: asked.reference, by: count, principal: principal) { result in
            answer {
                let outcome = try result.get()
                return JSONAnswer { OutboundResources.increment.write(outcome, to: &$0) }
            }
        }
        return true
    }

    private func count(in body: ByteBuffer, of request: APIRequest) throws(APIError) -> Int64 {
        guard let object = try request.object(in: body) else { return 1 }
        var fields = Fields(object)
        let count = fields.integer("count") ?? 1
        try fields.check()
        return count
    }
}

extension OutboundChanges {
    /// The changes in the body of `PUT /domains/{name}/outbound`.
    ///
    /// Read-only fields are refused with another message than unknown ones.
    init(_ fields: inout Fields) {
        self.init()
        dailyLimit = fields.integer("outbound_daily_limit")
        monthlyLimit = fields.integer("outbound_monthly_limit")
        dailyCeiling = fields.integer("outbound_daily_ceiling")
        monthlyCeiling = fields.integer("outbound_monthly_ceiling")
        tier = fields.choice("outbound_tier")
        enforcement = fields.choice("outbound_enforcement")
        status = fields.choice("outbound_status")
        warmupProfile = fields.choice("warmup_profile", from: WarmupProfile.all.map(\.name)).flatMap(WarmupProfile.init(name:))
        spikeMaxMultiplier = fields.number("spike_max_multiplier")
        for name in Self.readOnlyFields where fields.contains(name) { fields.refuse(name, "the field is read-only") }
    }

    private static let readOnlyFields = [
        "name", "outbound_sent_today", "outbound_sent_month", "bounce_count", "complaint_count", "bounce_rate", "complaint_rate",
        "ses_verified", "suspended_reason", "suspended_at",
    ]
}
