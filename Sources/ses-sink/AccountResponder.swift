import Encoding
import FoundationEssentials
import Hummingbird
import JSON
import NIOCore
import Synchronization

/// The account's tenants, and what of it is paused: the responder for their calls of version 2, and for `/_pauses` and `/_verdicts`, by which a
/// test says what SES does.
final class AccountResponder: Sendable {
    private struct State {
        var tenants: [String: SinkTenant] = [:]
        var pauses = Pauses()
        /// How often each call was made.
        var calls: [String: Int] = [:]
    }

    /// The body of `/_pauses`: names whose mail is refused.
    struct Pauses: Codable {
        var configurationSets: Set<String> = []
        var identities: Set<String> = []
    }

    /// The body of `/_verdicts`.
    struct Verdict: Decodable {
        var tenant: String
        var status: String
        var cause: String?
        var impact: String?
    }

    private let state = Mutex(State())

    /// The refusal of an email for its tenant, set or identity; `nil` where it may pass.
    func refusal(of email: SentEmail) -> Response? {
        state.withLock { state in
            if let name = email.tenant {
                guard let tenant = state.tenants[name] else {
                    return .failure(.notFound, "NotFoundException", "Tenant <\(name)> does not exist.")
                }
                guard tenant.mayUse(email) else {
                    return .failure(.badRequest, "BadRequestException", "The tenant \(name) is not associated with the resource.")
                }
                if tenant.status == "DISABLED" { return .paused }
            }
            let isPaused =
                state.pauses.identities.contains(email.domain)
                || email.configurationSet.map(state.pauses.configurationSets.contains) ?? false
            return isPaused ? .paused : nil
        }
    }

    /// Changes what SES does.
    func change(_ path: String, _ body: ByteBuffer) throws -> Response {
        let data = Data(body.readableBytesView)
        if path == "/_pauses" {
            let pauses = try JSONDecoder().decode(Pauses.self, from: data)
            state.withLock { $0.pauses = pauses }
            return .object { _ in }
        }
        if data.isEmpty { return calls() }
        let verdict = try JSONDecoder().decode(Verdict.self, from: data)
        state.withLock { state in
            state.tenants[verdict.tenant]?.status = verdict.status
            state.tenants[verdict.tenant]?.cause = verdict.cause
            state.tenants[verdict.tenant]?.impact = verdict.impact
        }
        return .object { _ in }
    }

    /// What was called, and the tenants with their resources.
    private func calls() -> Response {
        let (calls, tenants) = state.withLock { ($0.calls, $0.tenants.values.sorted { $0.name < $1.name }) }
        return .object { writer in
            writer.member("calls") { writer in writer.object { for call in calls { $0.member(call.key, call.value) } } }
            writer.member("tenants") { writer in
                writer.object { for tenant in tenants { $0.member(tenant.name, tenant.resources.sorted()) } }
            }
        }
    }

    /// Answers a call for tenants and configuration sets.
    func answer(_ method: HTTPRequest.Method, _ path: Substring, _ body: ByteBuffer, under behaviour: Behaviour) -> Response {
        let parameters = (try? JSONValue.parseLeniently(body.readableBytesView))?.objectValue ?? JSONObject()
        let name = parameters["TenantName"]?.stringValue ?? ""
        return state.withLock { state in
            state.calls[Self.nameOfCall(path), default: 0] += 1
            switch (method, path) {
            case (.post, "tenants"): return Self.create(name, behaviour.tenantLimit, &state)
            case (.post, "tenants/get"):
                return Self.found(name, state) { tenant in
                    .object { $0.member("Tenant") { $0.object { tenant.write(to: &$0) } } }
                }
            case (.post, "tenants/resources"):
                return Self.associate(name, parameters["ResourceArn"]?.stringValue ?? "", &state)
            case (.get, _) where path.hasPrefix("reputation/entities/RESOURCE/"): return Self.entity(path, state)
            case (.get, _) where path.hasPrefix("configuration-sets/"):
                let isEnabled = !state.pauses.configurationSets.contains(String(path.dropFirst("configuration-sets/".count)))
                return .object { $0.member("SendingOptions") { $0.object { $0.member("SendingEnabled", isEnabled) } } }
            default: return .failure(.notFound, "NotFoundException", "There is no operation at \(path).")
            }
        }
    }

    private static func nameOfCall(_ path: Substring) -> String {
        path.hasPrefix("reputation") ? "reputation" : String(path.prefix(40))
    }

    private static func create(_ name: String, _ limit: Int, _ state: inout State) -> Response {
        guard state.tenants[name] == nil else { return .failure(.badRequest, "AlreadyExistsException", "Tenant \(name) exists.") }
        guard state.tenants.count < limit else { return .failure(.badRequest, "LimitExceededException", "Too many tenants.") }
        let tenant = SinkTenant(name: name)
        state.tenants[name] = tenant
        return .object { tenant.write(to: &$0) }
    }

    private static func associate(_ name: String, _ arn: String, _ state: inout State) -> Response {
        guard var tenant = state.tenants[name] else { return missing(name) }
        guard arn.hasPrefix(SinkTenant.arnPrefix) else {
            return .failure(.badRequest, "BadRequestException", "\(arn) is no resource here.")
        }
        guard tenant.resources.insert(arn).inserted else { return .failure(.badRequest, "AlreadyExistsException", "It is associated.") }
        state.tenants[name] = tenant
        return .object { _ in }
    }

    private static func entity(_ path: Substring, _ state: State) -> Response {
        let arn = PercentEncoding.decode(path.split(separator: "/").last ?? "")
        let name = (arn ?? "").split(separator: "/").dropFirst().first.map(String.init) ?? ""
        return found(name, state) { tenant in
            .object { $0.member("ReputationEntity") { $0.object { tenant.writeEntity(to: &$0) } } }
        }
    }

    private static func found(_ name: String, _ state: State, _ answer: (SinkTenant) -> Response) -> Response {
        state.tenants[name].map(answer) ?? missing(name)
    }

    private static func missing(_ name: String) -> Response {
        .failure(.notFound, "NotFoundException", "Tenant <\(name)> does not exist.")
    }
}
