package import AmazonSES
package import MailModel

/// Sends through Amazon SES (`SendEmail` of version 2, with raw content).
package struct SESTransport: Transport {
    /// The most bytes of a message in its wire form that SES accepts (AWS: "Service quotas in Amazon SES", not adjustable).
    package static let maximumMessageBytes = 40 << 20

    private let client: any SESSending
    private let routes: SendingRoutes
    private let pauses: PauseSearch

    /// Creates a transport.
    ///
    /// - Parameter routes: finds the configuration set, by which SES publishes events, and the tenant of each email.
    package init(client: any SESSending, routes: SendingRoutes) {
        self.client = client
        self.routes = routes
        pauses = PauseSearch(client: client)
    }

    /// Sends one message with its id as the tag `martlet-id`.
    package func send(_ email: Email, message: [UInt8]) async throws(TransportError) -> String {
        let route = try await routes.route(of: email.origin)
        let raw = AmazonSES.RawEmail(
            source: email.sender, destinations: [email.recipient], data: message, configurationSet: route.configurationSet,
            tenant: route.tenant, tags: [("martlet-id", email.id.description)])
        do {
            return try await client.sendEmail(raw)
        } catch {
            if let tenant = route.tenant, error.isAboutTenant {
                await routes.forgetTenant(tenant, of: email.origin)
                throw TransportError(.parked(.tenant(tenant)), error.description)
            }
            let scope = await scope(of: error, for: email.sender, route)
            throw TransportError(error, parking: scope)
        }
    }

    /// Returns the tenant, the configuration set, the domain and the address, as far as they are known without asking anybody.
    package func scopes(of origin: SendingOrigin) -> [SendingScope] {
        routes.knownRoute(of: origin).scopes(of: origin.sender)
    }

    /// The scope whose mail SES does not accept: what it names, if this sender's mail belongs to it, or else the sender's domain; `nil` for
    /// the whole account, and for other errors.
    private func scope(of error: SESError, for sender: EmailAddress, _ route: SendingRoute) async -> SendingScope? {
        switch error.pausedScope {
        case nil, .account: return nil
        case .configurationSet: return route.configurationSet.map(SendingScope.configurationSet)
        case .tenant: return route.tenant.map(SendingScope.tenant)
        case .unknown: return await pauses.scope(of: sender, route)
        case .identity(let name):
            let named = SendingScope.identity(name)
            return SendingScope.identities(of: sender).contains(named) ? named : .identity(sender.domain.description.lowercased())
        }
    }

    /// Returns SES's sending quota (`GetAccount`).
    package func quota() async throws(TransportError) -> TransportQuota? {
        do {
            let account = try await client.account()
            let quota = account.quota
            // -1 means unlimited.
            guard quota.max24HourSend >= 0 else { return TransportQuota(messagesPerSecond: quota.maxSendRate) }
            let remaining = max(0, min(quota.max24HourSend - quota.sentLast24Hours, 1e15))
            return TransportQuota(messagesPerSecond: quota.maxSendRate, remaining: Int64(remaining))
        } catch {
            throw TransportError(error)
        }
    }
}

extension TransportError {
    /// The consequence of an error of SES.
    ///
    /// - Parameter scope: the scope that a pause is for; `nil`: the account.
    init(_ error: SESError, parking scope: SendingScope? = nil) {
        let consequence: Consequence =
            switch error.outcome {
            case .retry: .retry(isThrottled: error.isThrottling)
            case .permanent: .permanent(.notSent)
            case .paused: scope.map(Consequence.parked) ?? .paused
            case .unknown: .unknown
            }
        self.init(consequence, "\(error.code): \(error.message)")
    }
}
