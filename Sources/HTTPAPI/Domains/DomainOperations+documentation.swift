import Hummingbird
import MailModel
import Web

extension DomainOperations {
    static let createDocumentation = Documentation(
        "Create a domain. A client owns what it creates; the master may set partner_ref.",
        body: .json(.reference("NewDomain"), example: #"{"name": "shop.example"}"#),
        .json(.created, "The domain.", .reference("Domain")),
        .json(.badRequest, "Domain already exists, or the body is no JSON.", .reference("Error")))

    static let listDocumentation = Documentation(
        "Domains, newest first", query: Documentation.Parameter.page,
        .json(.ok, "The domains.", .array(.reference("DomainSummary"))))

    static let findDocumentation = Documentation("A domain", .json(.ok, "The domain.", .reference("DomainSummary")))

    static let deleteDocumentation = Documentation(
        "Delete a domain; its history stays for billing and reports", .empty(.noContent, "It is gone."))

    static let ownerDocumentation = Documentation(
        "Give a domain to another account", body: .json(.reference("Owner"), example: #"{"partner_ref": "acme"}"#),
        .json(.ok, "The domain.", .reference("OwnedDomain")))

    static let verifyDocumentation = Documentation(
        "Start the verification with SES, and answer the DNS records to configure",
        .json(.ok, "The records.", .reference("Verification")),
        .json(.badGateway, "SES refused; its own code stands in the detail.", .reference("Error")))

    static let statusDocumentation = Documentation(
        "What SES says about the domain now",
        .json(.ok, "The status.", .reference("VerificationStatus")),
        .json(.badGateway, "SES did not answer; its own code stands in the detail.", .reference("Error")))

    private static let identity: [Schema.Property] = [
        .init("id", .integer), .init("name", .string), .init("created_at", .time),
    ]

    static let schemas: [(name: String, schema: Schema)] = [
        ("NewDomain", .object([.init("name", .string), .optional("partner_ref", .string)])),
        ("Domain", .object(identity)),
        (
            "DomainSummary",
            .object(
                identity + [
                    .init("outbound_status", .words(OutboundConfiguration.Status.self)), .init("ses_verified", .boolean),
                ])
        ),
        ("Owner", .object([.init("partner_ref", .string)])),
        ("OwnedDomain", .object(identity + [.init("partner_ref", .string)])),
        (
            "Verification",
            .object([
                .init("name", .string), .init("ses_verification_token", .string), .init("ses_dkim_tokens", .array(.string)),
                .init("ses_verified", .boolean),
                .init(
                    "dns_records",
                    .array(
                        .object([.init("type", .words(["TXT", "CNAME"])), .init("name", .string), .init("value", .string)]))),
            ])
        ),
        (
            "VerificationStatus",
            .object([
                .init("name", .string), .init("ses_verified", .boolean),
                .init("verification_status", .words(SESVerification.Status.self)),
                .init("dkim_status", .words(SESVerification.Status.self)),
            ])
        ),
    ]
}
