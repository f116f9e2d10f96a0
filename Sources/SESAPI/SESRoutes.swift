import Access
import Hummingbird
import Outbound
package import Platform
import Recipients
import Sending
package import Web

/// The interface for programs that speak to Amazon SES: both versions of its API, as far as they are about sending, identities and suppressions
/// (specification 16).
///
/// Operations parse, call a service and render; rules and queries belong to the layers below.
package struct SESRoutes: Sendable {
    let authenticator: Authenticator
    let submission: Submission
    let domains: DomainService
    let senders: SenderService
    let verification: VerificationService
    let suppressions: SuppressionService
    let accounts: AccountService
    let largestBody: Int
}

extension SESRoutes {
    /// - Parameter largestBody: the largest request, in bytes.
    package init(_ services: Services, largestBody: Int) {
        self.init(
            authenticator: services.authenticator, submission: services.submission, domains: services.domains, senders: services.senders,
            verification: services.verification, suppressions: services.suppressions, accounts: services.accounts, largestBody: largestBody)
    }

    /// The routes of both versions, for the server.
    package var routes: RouteGroup {
        let version1 = Route(
            .post, "/",
            responder(.query(Dictionary(queryOperations.map { ($0.name, $0) }) { first, _ in first })))
        let version2 = restOperations.map { operation in
            Route(Self.method(of: operation), "/v2/email\(operation.path)", responder(.rest(operation)))
        }
        return RouteGroup(prefix: "/v2/email", routes: [version1] + version2) { error, _, context in
            let fault = error.status.kind == .serverError ? SESFault.internalFailure : .unknownAction("at this path")
            return fault.restResponse(requestID: context.record.id)
        }
    }

    private func responder(_ version: SESResponder.Version) -> SESResponder {
        SESResponder(version: version, authenticator: authenticator, limit: largestBody)
    }

    private static func method(of operation: RESTOperation) -> HTTPRequest.Method {
        switch operation.method {
        case .get: .get
        case .post: .post
        case .put: .put
        case .delete: .delete
        }
    }
}

extension SESRoutes {
    /// The operations of version 1.
    var queryOperations: [QueryOperation] {
        sending.queryOperations + identities.queryOperations + account.queryOperations
    }

    /// The operations of version 2.
    var restOperations: [RESTOperation] {
        sending.restOperations + identities.restOperations + suppressed.restOperations + account.restOperations
    }

    private var sending: SendingOperations { SendingOperations(submission: submission) }

    private var identities: IdentityOperations {
        IdentityOperations(
            directory: IdentityDirectory(domains: domains, senders: senders, verification: verification))
    }

    private var suppressed: SuppressionOperations { SuppressionOperations(suppressions: suppressions) }

    private var account: AccountOperations { AccountOperations(accounts: accounts) }
}
