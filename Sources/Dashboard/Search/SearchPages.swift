import Hummingbird
import MailModel
import Recipients
import Sending
import Web

/// `/dashboard/search`: what the box in the header finds, and `/dashboard/addresses?address=`: all about one address.
struct SearchPages: Section {
    let search: SearchService
    let recipients: ErasureService
    let refusals: RefusalLog

    static let path = "/dashboard/search"
    static let addresses = "/dashboard/addresses"
    private static let emailsOfPage = 50
    private static let mostRefusals = 50

    var pages: [Page] {
        [
            .get(Self.path, .emailsRead, find),
            .get(Self.addresses, .recipientsRead, address),
        ]
    }

    /// Leads to the page of the one thing that is found; to a choice where there are several, or none.
    private func find(_ request: DashboardRequest) async throws -> Response {
        let text = request.query.text("q") ?? ""
        let found = try await search.find(text, by: request.principal, of: request.account?.id)
        if found.count == 1, let only = found.first { return .see(only.link(request).href) }
        return request.page(.search, "Search", SearchModel(text, found, request))
    }

    private func address(_ request: DashboardRequest) async throws -> Response {
        let text = request.query.text("address") ?? ""
        guard let address = try? EmailAddress(text) else { return request.page(.search, "Search", SearchModel(text, [], request)) }
        let after = request.query["after"].flatMap(EmailID.init)
        let known = try await recipients.known(of: address, in: request.account, after: after, limit: Self.emailsOfPage)
        let refused = try await refusals.list(
            by: request.principal, of: request.account?.id, to: address.description, after: nil, limit: Self.mostRefusals)
        return request.page(.address, address.description, AddressModel(address, known, refused, isFirst: after == nil, request))
    }
}

/// What a search has found.
struct SearchModel: Sendable {
    struct Group: Sendable {
        let title: String
        let links: [Found]
    }

    struct Found: Sendable {
        let text: String
        let href: String
        let note: String?
    }

    let text: String
    let groups: [Group]
    let empty: EmptyState?

    init(_ text: String, _ found: [SearchService.Found], _ request: DashboardRequest) {
        self.text = text
        groups = SearchService.Found.titles.compactMap { title in
            let links = found.filter { $0.title == title }.map { $0.link(request) }
            return links.isEmpty ? nil : Group(title: title, links: links)
        }
        empty =
            found.isEmpty
            ? EmptyState(
                title: text.isEmpty ? "What are you looking for?" : "Nothing matches",
                hint:
                    "An address or its beginning, a domain, an email's id or Amazon SES's, an account, a campaign. A refused send is found by its recipient's whole address."
            ) : nil
    }
}

extension SearchService.Found {
    /// In the order of the page.
    fileprivate static let titles = ["Email", "Addresses", "Accounts", "Campaigns", "Domains", "Emails to a domain"]

    fileprivate var title: String {
        switch self {
        case .email: "Email"
        case .address: "Addresses"
        case .domain: "Domains"
        case .recipientDomain: "Emails to a domain"
        case .account: "Accounts"
        case .campaign: "Campaigns"
        }
    }

    fileprivate func link(_ request: DashboardRequest) -> SearchModel.Found {
        switch self {
        case .email(let email):
            SearchModel.Found(text: email.content.subject, href: request.link("/dashboard/emails/\(email.id)"), note: email.userName)
        case .address(let address): SearchModel.Found(text: address.description, href: request.address(address), note: nil)
        case .domain(let name, let userName):
            SearchModel.Found(
                text: name.description, href: request.link("/dashboard/domains/\(name)", request.naming(userName)),
                note: request.showsAccounts ? userName : nil)
        case .recipientDomain(let name):
            SearchModel.Found(
                text: "@\(name)", href: request.link("/dashboard/emails", ["toDomain": name.description]),
                note: "emails that were sent to it")
        case .account(let account): SearchModel.Found(text: account.reference, href: "/dashboard/accounts/\(account.id)", note: nil)
        case .campaign(let name, let userName):
            SearchModel.Found(text: name, href: request.campaign(name, of: userName), note: request.showsAccounts ? userName : nil)
        }
    }
}

extension DashboardRequest {
    /// Returns the path of the page about an address.
    func address(_ address: EmailAddress) -> String {
        link(SearchPages.addresses, ["address": address.description])
    }

    /// The parameter that names an account, where the operator's page is about all.
    fileprivate func naming(_ account: String) -> KeyValuePairs<String, String?> {
        [Self.accountParameter: showsAccounts ? account : nil]
    }
}

extension Template {
    static let search = Template(PackageResources.search_mustache)
    static let address = Template(PackageResources.address_mustache)
}
