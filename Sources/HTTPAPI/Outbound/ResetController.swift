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
            Operation(.post, "/outbound/reset-daily", .periodsReset, Self.dailyDocumentation, resetDaily),
            Operation(.post, "/outbound/reset-monthly", .periodsReset, Self.monthlyDocumentation, resetMonthly),
            Operation(.get, "/outbound/billing", .billingRead, Self.billingDocumentation, billing),
        ]
    }

    private func resetDaily(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let count = try await domains.resetDaily(by: principal)
        return .json { BillingResources.dailyReset.write(count, to: &$0) }
    }

    private func resetMonthly(_ request: APIRequest, by principal: Principal) async throws -> Response {
        var answer = FrozenAnswer()
        let count = try await domains.resetMonthly(by: principal) { answer.append($0) }
        return answer.response(resetCount: count)
    }

    private func billing(_ request: APIRequest, by principal: Principal) async throws -> Response {
        guard let month = try request.query.value("period", "a month, YYYY-MM", CalendarMonth.init) else {
            throw APIError.invalid("period", code: .missingField, "missing, expected a month, YYYY-MM")
        }
        let wantsCSV = try request.wantsCSV()
        let billing = try await domains.billing(of: month)
        return wantsCSV
            ? .text(billing.csv, contentType: "text/csv; charset=utf-8") : .json { BillingResources.billing.write(billing, to: &$0) }
    }
}

/// The answer of `reset-monthly`, written page by page: for 100,000 domains it has some 25 MB, of which there is no second copy.
private struct FrozenAnswer {
    private var body = ByteBuffer(string: #"{"frozen":["#)
    private var isEmpty = true

    mutating func append(_ entries: [FrozenEntry]) {
        guard !entries.isEmpty else { return }
        var page = JSONWriter(reservingCapacity: 256 * entries.count)
        for entry in entries { BillingResources.frozenEntry.write(entry, to: &page) }
        if !isEmpty { body.writeString(",") }
        body.writeBytes(page.bytes)
        isEmpty = false
    }

    consuming func response(resetCount: Int64) -> Response {
        body.writeString(#"],"reset_count":\#(resetCount)}"#)
        return Response(status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: body))
    }
}
