import Hummingbird
import JSON
import MailModel
import NIOCore
import Outbound
import Web

/// `/outbound/…`: resets of days and months, and bills (specification 3.6).
struct ResetController: Sendable {
    let domains: DomainService

    var operations: [Operation] {
        [
            .master(.post, "/outbound/reset-daily", Self.dailyDocumentation, resetDaily),
            .master(.post, "/outbound/reset-monthly", Self.monthlyDocumentation, resetMonthly),
            .master(.get, "/outbound/billing", Self.billingDocumentation, billing),
        ]
    }

    private func resetDaily(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let count = try await domains.resetDaily()
        return .json { writer in writer.object { $0.member("reset_count", count) } }
    }

    private func resetMonthly(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var answer = FrozenAnswer()
        let count = try await domains.resetMonthly { answer.append($0) }
        return answer.response(resetCount: count)
    }

    private func billing(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let month = try request.query.value("period", "a month, YYYY-MM", CalendarMonth.init) else {
            throw APIError.invalid("period", "missing, expected a month, YYYY-MM")
        }
        let wantsCSV = try request.wantsCSV()
        let billing = try await domains.billing(of: month)
        return wantsCSV ? .text(billing.csv, contentType: "text/csv; charset=utf-8") : .json { billing.write(to: &$0) }
    }
}

/// The answer of `reset-monthly`, written page by page: for 100,000 domains it has some 25 MB, of which there is no second copy.
private struct FrozenAnswer {
    private var body = ByteBuffer(string: #"{"frozen":["#)
    private var isEmpty = true

    mutating func append(_ entries: [FrozenEntry]) {
        guard !entries.isEmpty else { return }
        var page = JSONWriter(reservingCapacity: 256 * entries.count)
        for entry in entries { entry.write(to: &page) }
        if !isEmpty { body.writeString(",") }
        body.writeBytes(page.bytes)
        isEmpty = false
    }

    consuming func response(resetCount: Int64) -> Response {
        body.writeString(#"],"reset_count":\#(resetCount)}"#)
        return Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }
}

extension FrozenEntry {
    /// Writes the fields of a frozen entry (specification 3.6).
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("name", name.description)
            $0.member("partner_ref", accountReference)
            $0.member("outbound_sent_month", counters.sent)
            $0.member("outbound_monthly_limit", monthlyLimit)
            $0.member("bounce_count", counters.bounces)
            $0.member("complaint_count", counters.complaints)
            $0.member("bounce_rate", counters.bounceRate.percent)
            $0.member("complaint_rate", counters.complaintRate.percent)
        }
    }
}

extension Billing {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("period", month.description)
            $0.member("freezes", freezes.map(\.description))
            $0.member("domains") { writer in writer.array { for entry in domains { entry.write(to: &$0) } } }
        }
    }
}
