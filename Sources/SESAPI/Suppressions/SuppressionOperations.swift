import Hummingbird
import JSON
import MailModel
import Recipients

/// The calls about suppressed destinations: the entries of the account's own list that hold for all of its senders.
struct SuppressionOperations: Sendable {
    let suppressions: SuppressionService

    /// The calls, all of version 2.
    var restOperations: [RESTOperation] {
        [
            RESTOperation("PutSuppressedDestination", .put, "/suppression/addresses", .suppressionsAdd) { request, caller in
                let fields = RESTFields(request.body)
                let entry = SuppressionEntry(
                    address: try Self.address(try fields.required("EmailAddress")),
                    reason: try Self.reason(try fields.required("Reason")))
                _ = try await suppressions.add(entry, to: caller.account, by: caller.principal)
                return { _ in }
            },
            RESTOperation("ListSuppressedDestinations", .get, "/suppression/addresses", .suppressionsRead) { request, caller in
                try await list(request.query, caller)
            },
            RESTOperation("GetSuppressedDestination", .get, "/suppression/addresses/{EmailAddress}", .suppressionsRead) { request, caller in
                let found = try await find(try request.parameter("EmailAddress"), caller)
                return { answer in
                    answer.member("SuppressedDestination") { writer in
                        writer.object { object in
                            found.writeSummary(to: &object)
                            object.member("Attributes") { $0.object { $0.member("FeedbackId", String(found.id)) } }
                        }
                    }
                }
            },
            RESTOperation(
                "DeleteSuppressedDestination", .delete, "/suppression/addresses/{EmailAddress}", .suppressionsLift
            ) { request, caller in
                let found = try await find(try request.parameter("EmailAddress"), caller)
                _ = try await suppressions.remove(found.id, by: caller.principal)
                return { _ in }
            },
        ]
    }

    private func find(_ text: String, _ caller: SESCaller) async throws -> Suppression {
        var filter = SuppressionFilter()
        (filter.address, filter.scope) = (try Self.address(text), .account)
        guard let found = try await suppressions.list(matching: filter, of: caller.account, after: nil, limit: 1).first else {
            throw SESFault(
                .init("NotFound", .notFound), rest: .init("NotFoundException", .notFound),
                "Email address \(text.prefix(254)) does not exist on your suppression list.")
        }
        return found
    }

    private func list(_ query: RESTQuery, _ caller: SESCaller) async throws -> RESTAnswer {
        var filter = SuppressionFilter()
        filter.scope = .account
        let reasons = Set(query.list("Reason"))
        // Both are all.
        if reasons.count == 1, let reason = reasons.first { filter.reason = try Self.reason(reason) }
        for name in ["StartDate", "EndDate"] where query[name] != nil { throw SESFault.unsupported(name) }
        let limit = try PageSize.limit(query["PageSize"])
        let token = query["NextToken"]
        let after = token.flatMap { Int64($0) }
        guard token == nil || after != nil else { throw SESFault.invalid("NextToken: not a token of an answer of this call") }
        let found = try await suppressions.list(matching: filter, of: caller.account, after: after, limit: limit + 1)
        return { answer in
            answer.member("SuppressedDestinationSummaries") { writer in
                writer.array { array in
                    for entry in found.prefix(limit) { array.object { entry.writeSummary(to: &$0) } }
                }
            }
            if found.count > limit, let last = found.prefix(limit).last { answer.member("NextToken", String(last.id)) }
        }
    }

    private static func address(_ text: String) throws(SESFault) -> EmailAddress {
        do throws(EmailAddress.Invalid) { return try EmailAddress(text) } catch { throw .invalid(error.description) }
    }

    private static func reason(_ text: String) throws(SESFault) -> SuppressionReason {
        switch text {
        case "BOUNCE": return .hardBounce
        case "COMPLAINT": return .complaint
        default: throw .invalid("Reason: expected BOUNCE or COMPLAINT")
        }
    }
}

extension Suppression {
    fileprivate func writeSummary(to object: inout JSONWriter) {
        object.member("EmailAddress", entry.address.description)
        object.member("Reason", entry.reason.sesReason)
        // Seconds since 1970, as in all answers of version 2.
        object.member("LastUpdateTime", Double(createdAt.milliseconds) / 1000)
    }
}

extension SuppressionReason {
    /// The reason in SES's words, which has two: who said no is a complaint, whom mail did not reach a bounce.
    fileprivate var sesReason: String {
        switch self {
        case .complaint, .unsubscribe: "COMPLAINT"
        case .hardBounce, .softBounce, .manual: "BOUNCE"
        }
    }
}
