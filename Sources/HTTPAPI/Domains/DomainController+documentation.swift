import Hummingbird
import MailModel
import Outbound
import Web

extension DomainController {
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
        "Give a domain to another account; what it has sent is billed to the one before, and its month begins anew",
        body: .json(.reference("Owner"), example: #"{"partner_ref": "acme"}"#),
        .json(.ok, "The domain.", .reference("OwnedDomain")))

    static let verifyDocumentation = Documentation(
        "Start the verification with SES, and answer the DNS records to configure",
        .json(.ok, "The records.", .reference("Verification")),
        .json(.badGateway, "SES refused; its own code stands in the detail.", .reference("Error")))

    static let statusDocumentation = Documentation(
        "What SES says about the domain now",
        .json(.ok, "The status.", .reference("VerificationStatus")),
        .json(.badGateway, "SES did not answer; its own code stands in the detail.", .reference("Error")))

    static let dnsCheckDocumentation = Documentation(
        "Look the domain's records up in the DNS: SES's proof, DKIM, SPF, MAIL FROM, DMARC, MX",
        .json(.ok, "Each record as it should be and as it is, and what to do.", .reference("DNSCheck")))

    private static let identity: [Schema.Property] = [
        .init("id", .integer), .init("name", .string), .init("created_at", .time),
    ]

    static let schemas: [(name: String, schema: Schema)] = [
        ("NewDomain", .fields([.init("name", .string), .optional("partner_ref", .string)])),
        ("Domain", .object(identity)),
        (
            "DomainSummary",
            .object(
                identity + [
                    .init("outbound_status", .words(OutboundConfiguration.Status.self)), .init("ses_verified", .boolean),
                ])
        ),
        ("Owner", .fields([.init("partner_ref", .string)])),
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
            "DNSCheck",
            .object([.init("name", .string), .init("checked_at", .time), .init("records", .array(.reference("RecordCheck")))])
        ),
        (
            "RecordCheck",
            .object([
                .init("purpose", .words(RecordCheck.Purpose.self)), .init("type", .words(["TXT", "CNAME", "MX"])), .init("name", .string),
                .init("expected", .nullable(.string)), .init("seen", .array(.string)), .init("state", .words(RecordCheck.State.self)),
                .optional("advice", .string), .optional("lookups", .count), .optional("policy", .words(DMARCRecord.Policy.self)),
                .optional("dkim_aligned", .boolean), .optional("spf_aligned", .boolean),
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
