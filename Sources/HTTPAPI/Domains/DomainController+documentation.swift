import Hummingbird
import MailModel
import Outbound
import Web

extension DomainController {
    static let createDocumentation = Documentation(
        "Create a domain. A client owns what it creates; the master may set partner_ref",
        body: .json(newDomain.reference, example: #"{"name": "shop.example"}"#),
        .json(.created, "The domain.", DomainResources.identity.reference),
        .json(.badRequest, "The account has the domain already, or the body is no JSON.", .error))

    static let listDocumentation = Documentation(
        "Domains, newest first", query: Documentation.Parameter.page,
        .page("The domains.", of: DomainResources.domain.reference))

    static let findDocumentation = Documentation(
        "A domain", query: [.partnerReference], .json(.ok, "The domain.", DomainResources.domain.reference))

    static let updateDocumentation = Documentation(
        "Set the display name that the domain's emails have in From where they give none", query: [.partnerReference],
        body: .json(names.reference, example: #"{"from_name": "Shop of Ann"}"#), .json(.ok, "The domain.", DomainResources.domain.reference)
    )

    static let deleteDocumentation = Documentation(
        "Delete a domain; its history stays for billing and reports, and comes back with it when the account creates it again",
        query: [.partnerReference], .empty(.noContent, "Deleted."))

    static let ownerDocumentation = Documentation(
        "Give a domain to another account; what it has sent is billed to the one before, and its month begins anew",
        query: [.partnerReference], body: .json(owner.reference, example: #"{"partner_ref": "acme"}"#),
        .json(.ok, "The domain.", DomainResources.owned.reference))

    static let approveDocumentation = Documentation(
        "Believe that a domain is its account's, without or against the DNS; another account that had it loses it",
        query: [.partnerReference], .json(.ok, "The domain.", DomainResources.domain.reference))

    static let verifyDocumentation = Documentation(
        "Start the verification with SES, and answer the DNS records to configure; with `mail_from` set the MAIL FROM domain too",
        query: [.partnerReference], body: .json(verification.reference, isRequired: false, example: #"{"mail_from": "mail"}"#),
        .json(.ok, "The records.", VerificationResources.records.reference),
        .json(.badGateway, "SES refused; its own code is in the detail.", .error))

    static let zoneDocumentation = Documentation(
        "All records of the domain as a zone file, those of the MAIL FROM domain included", query: [.partnerReference],
        .text("The records, one in a line, with absolute names.", "text/dns"),
        .json(.conflict, "ses-verify was not called yet.", .error))

    static let statusDocumentation = Documentation(
        "The present status of the domain at SES", query: [.partnerReference],
        .json(.ok, "The status.", VerificationResources.status.reference),
        .json(.badGateway, "SES did not answer; its own code is in the detail.", .error))

    static let dnsCheckDocumentation = Documentation(
        "Look the domain's records up in the DNS: SES's proof, the account's, DKIM, SPF, MAIL FROM, DMARC, MX",
        query: [.partnerReference],
        .json(.ok, "Each record as it should be and as it is, and what to do.", DNSCheckResources.check.reference))

}

// MARK: Bodies

extension DomainController {
    private static let newDomain = Component(
        "NewDomain",
        .fields([
            .init(
                "name", .string, "The name of the domain, in Unicode or in its ASCII form; answers have it in lower case and in ASCII.",
                example: "shop.example"),
            .optional(
                "partner_ref", .string,
                "For the master: the account that the domain belongs to, `default` when not given. A client's domains are its own.",
                example: "acme"),
        ]))

    private static let names = Component(
        "DomainNames",
        .fields([
            .init(
                "from_name", .nullable(.string),
                "The display name in `From` of the domain's emails that give none, of at most 200 characters; null for none.",
                example: "Shop of Ann")
        ]))

    private static let verification = Component(
        "NewVerification",
        .fields([
            .optional(
                "mail_from", .nullable(.string),
                "The host of the envelope sender, a label or a name below the domain: sets it at SES, and adds its MX and TXT records to the answer; null takes it away.",
                example: "mail")
        ]))

    private static let owner = Component(
        "Owner",
        .fields([
            .init(
                "partner_ref", .string, "The account that gets the domain, of 1 to 255 bytes; it is created where there is none.",
                example: "acme")
        ]))
}
