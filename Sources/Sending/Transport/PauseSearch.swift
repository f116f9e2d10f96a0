import AmazonSES
import Concurrency
import MailModel

/// Finds out what SES has paused, where its error does not say it: the account, or the tenant, the configuration set or the identity of the
/// message (specification 6.3).
///
/// Emails that are refused at the same time share the questions.
struct PauseSearch: Sendable {
    private enum Question: Hashable {
        case account
        case tenant(String)
        case configurationSet(String)
    }

    private let client: any SESSending
    private let flight = SingleFlight<Question, Bool?>()

    init(client: any SESSending) {
        self.client = client
    }

    /// Returns the scope that a pause is for; `nil` for the whole account, also where SES does not tell.
    func scope(of sender: EmailAddress, _ route: SendingRoute) async -> SendingScope? {
        guard await sends(.account) == true else { return nil }
        // Where nobody may ask about a tenant, its mail alone waits all the same.
        if let tenant = route.tenant, await sends(.tenant(tenant)) != true { return .tenant(tenant) }
        if let set = route.configurationSet, await sends(.configurationSet(set)) == false { return .configurationSet(set) }
        return .identity(sender.domain.description.lowercased())
    }

    /// Whether SES says that it sends; `nil` where it says nothing.
    private func sends(_ question: Question) async -> Bool? {
        await flight.run(question) { [client] in
            do throws(SESError) {
                return try await Self.answer(question, client)
            } catch {
                return nil
            }
        }
    }

    private static func answer(_ question: Question, _ client: any SESSending) async throws(SESError) -> Bool? {
        switch question {
        case .account:
            let account = try await client.account()
            return account.isSendingEnabled
        case .tenant(let name):
            let tenant = try await client.tenant(named: name)
            return tenant.sendingStatus.map { $0 != .disabled }
        case .configurationSet(let name):
            let isEnabled = try await client.isSendingEnabled(configurationSet: name)
            return isEnabled
        }
    }
}
