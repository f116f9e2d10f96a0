import Hummingbird
import MailModel
import Sending
import Storage
import Web

/// `GET /search`: what a text names (specification 5.15).
struct SearchController: Sendable {
    let store: Store
    let search: SearchService

    var operations: [Operation] {
        [Operation(.get, "/search", .emailsRead, Self.documentation, find)].inEnvelopes
    }

    private func find(_ request: APIRequest, by principal: Principal) async throws -> Response {
        let account = try await RequestedAccount(request.query["userName"], by: principal).find(in: store)
        let text = request.query["q"]?.trimmed ?? ""
        guard (1...SearchService.longest).contains(text.utf8.count) else {
            throw APIError.invalid("q", "expected a text of 1 to \(SearchService.longest) bytes")
        }
        let found = try await search.find(text, by: principal, of: account?.id)
        return .page(request, of: found, at: store.now, next: nil, write: Self.resource.write)
    }
}

// MARK: Description

extension SearchController {
    static let documentation = Documentation(
        "What a text names: an email by its id or SES's, addresses, domains, accounts, campaigns",
        query: [
            .userName,
            .init(
                name: "q", schema: .string,
                description:
                    "An id, an address or its beginning, a domain or a part of its name, the beginning of an account's reference, an externalId.",
                isRequired: true, example: "shop.example"),
        ],
        .json(
            .ok, "At most \(SearchService.mostOfKind) of each kind. What is named exactly is alone.", .envelope(.array(resource.reference)))
    )

    private static let resource = Resource<SearchService.Found>("Found") {
        Field(
            "kind", .string, "`email`, `address`, `domain`, `recipientDomain` (emails were sent to it), `account` or `campaign`.",
            example: "email"
        ) { $0.kind }
        Field(
            "name", .string, "What it is called: the id of an email, an address, a name, a reference, an externalId.",
            example: "019a9b2f-3c01-7a2b-9d56-8f0f3c1f5a11"
        ) { $0.name }
        Field(
            "userName", .nullable(.string), "The account (partner_ref) that it belongs to; null for addresses.", example: "acme"
        ) { $0.userName }
    }
}

extension SearchService.Found {
    fileprivate var kind: String {
        switch self {
        case .email: "email"
        case .address: "address"
        case .domain: "domain"
        case .recipientDomain: "recipientDomain"
        case .account: "account"
        case .campaign: "campaign"
        }
    }

    fileprivate var name: String {
        switch self {
        case .email(let email): email.id.description
        case .address(let address): address.description
        case .domain(let name, _), .recipientDomain(let name): name.description
        case .account(let account): account.reference
        case .campaign(let name, _): name
        }
    }

    fileprivate var userName: String? {
        switch self {
        case .email(let email): email.userName
        case .domain(_, let userName), .campaign(_, let userName): userName
        case .account(let account): account.reference
        case .address, .recipientDomain: nil
        }
    }
}
