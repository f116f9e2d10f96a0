import JSON
import MailModel
import Outbound

/// The domains of an account as the API answers them (specification 3.1).
enum DomainResources {
    /// The answer of `POST /domains`.
    static let identity = Resource<SendingDomain>("Domain") {
        identityFields
        Field.optional(
            "ownership", .words(DomainOwnership.State.self),
            "Where SES's verification alone does not prove that the domain is the account's: `pending`, or `review` by the operator.",
            example: "pending"
        ) { $0.ownership.isContested ? $0.ownership.state.rawValue : nil }
    }

    static let domain = Resource<SendingDomain>("DomainSummary") {
        identityFields
        Field(
            "outbound_status", .words(OutboundConfiguration.Status.self),
            "Whether the domain may send: a bounce rate over the limit, or the operator, suspends it.", example: "active"
        ) { $0.outbound.status.rawValue }
        Field(
            "ses_verified", .boolean,
            "Whether SES has verified the domain and its DKIM records, as of the last time it was asked, and the domain is proven to be the account's.",
            example: true
        ) { $0.verification.isVerified }
        Field(
            "ownership", .words(DomainOwnership.State.self),
            """
            Whose the domain is: `proven` to be the account's, `pending` until that is proven, or in `review` by the operator, because another account \
            has proven it too or gave it up while it was suspended. Until it is proven nothing is sent.
            """, example: "proven"
        ) { $0.ownership.state.rawValue }
        Field(
            "from_name", .nullable(.string), "The display name in `From` of emails that give none; null for none.", example: "Shop of Ann"
        ) { $0.fromName }
    }

    /// A domain and the reference of its new owner.
    static let owned = Resource<(domain: SendingDomain, owner: String)>("OwnedDomain") {
        identityFields.map { field in field.of { $0.domain } }
        Field("partner_ref", .string, "The account that the domain belongs to now.", example: "acme") { $0.owner }
    }

    @FieldBuilder<SendingDomain> private static var identityFields: [Field<SendingDomain>] {
        Field(id) { $0.id }
        Field(name) { $0.name.description }
        Field(createdAt) { $0.createdAt.description }
    }

    private static let id = Schema.Property("id", .integer, "The id, by which lists of domains are paged: `after`.", example: 12)
    /// Also of the other resources that are about a domain.
    static let name = Schema.Property(
        "name", .string, "The name of the domain, in lower case and in its ASCII form.", example: "shop.example")
    private static let createdAt = Schema.Property(
        "created_at", .time, "When the domain was created (UTC).", example: "2026-06-01T09:30:00.000Z")
}

/// What the verification of a domain with SES answers (specification 3.7).
enum VerificationResources {
    static let records = Resource<VerificationRecords>("Verification") {
        Field(DomainResources.name) { $0.domain.description }
        Field(
            "ses_verification_token", .string, "The token by which SES recognises the domain: the value of the TXT record.",
            example: "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU="
        ) { $0.token }
        Field(
            "ses_dkim_tokens", .array(.string), "The three DKIM tokens of SES: the labels of the CNAME records.",
            example: ["vvjuipp74whm76gqoni7qmwwn4w4qusj", "3frqe7jn4obpuxjpwpolz6ipb3k5nvt2", "wrqplteh7oodxnad7hsl4mixg2uavzne"]
        ) { $0.dkimTokens }
        Field("ses_verified", .boolean, "Always false here: the verification has only begun.", example: false) { _ in false }
        Field.list(
            "dns_records", of: record,
            """
            The records to set in the DNS of the domain: one TXT and three CNAME of SES. Where SES held the domain already, or another account had it, also \
            the TXT record `_martlet.<domain>` that proves that it is this account's. With `mail_from` also the MX and the TXT record of that host.
            """
        ) { $0.dnsRecords }
    }

    private static let record = Resource<VerificationRecords.Record>("VerificationRecord") {
        Field("type", .words(["TXT", "CNAME", "MX"]), "The type of the record.", example: "TXT") { $0.type }
        Field("name", .string, "The name of the record, in full.", example: "_amazonses.shop.example") { $0.name }
        Field("value", .string, "The value to set.", example: "pmBGN/7MjnfhTKUZ06Enqq1PeGUaOkw8lGhcfwefcHU=") { $0.value }
    }

    /// The statuses of a domain, with its name.
    static let status = Resource<(name: String, status: SESVerification)>("VerificationStatus") {
        Field(DomainResources.name) { $0.name }
        Field(
            "ses_verified", .boolean,
            "Whether both statuses are `Success` and the domain is proven to be the account's: only then it may send.", example: true
        ) {
            $0.status.isVerified
        }
        Field(
            "verification_status", .words(SESVerification.Status.self), "What SES says about the TXT record of the domain.",
            example: "Success"
        ) { $0.status.identity.rawValue }
        Field("dkim_status", .words(SESVerification.Status.self), "What SES says about the three DKIM records.", example: "Success") {
            $0.status.dkim.rawValue
        }
    }
}

/// The answer of `GET /domains/{name}/dns-check` (specification 3.8).
enum DNSCheckResources {
    static let check = Resource<DNSCheck>("DNSCheck") {
        Field(DomainResources.name) { $0.domain.description }
        Field("checked_at", .time, "When the DNS was asked (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.checkedAt.description }
        Field.list("records", of: record, "Every record that sending needs, as it should be and as it is.") { $0.records }
    }

    private static let record = Resource<RecordCheck>("RecordCheck") {
        Field(
            "purpose", .words(RecordCheck.Purpose.self),
            """
            What the record is for: `verification` and `dkim` are needed by SES, `ownership` proves whose the domain is where SES cannot, `spf`, `mail_from`, `mail_from_spf` and `dmarc` by the \
            receivers of the mail, `mx` by those who reply, `redirect` by the links of opens and clicks, where they lead through a host of the operator's.
            """, example: "dmarc"
        ) { $0.purpose.rawValue }
        Field("type", .words(["TXT", "CNAME", "MX"]), "The type of the record.", example: "TXT") { $0.type }
        Field("name", .string, "The name of the record, in full.", example: "_dmarc.shop.example") { $0.name }
        Field(
            "expected", .nullable(.string), "The value to set; null where any value will do, or where SES has not named it yet.",
            example: "v=DMARC1; p=none"
        ) { $0.expected }
        Field("seen", .array(.string), "The values that the DNS has, empty for none.", example: ["v=DMARC1; p=reject"]) { $0.seen }
        Field(
            "state", .words(RecordCheck.State.self),
            "`found`, `missing`, `different` (there is a record, and it is not right), or `unknown` where the DNS or SES did not answer.",
            example: "found"
        ) { $0.state.rawValue }
        Field.optional(
            "advice", .string, "What to do, in a sentence or two; absent where nothing is to be done.",
            example: "Set this record in the DNS of the domain."
        ) { $0.advice }
        Field.optional(
            "lookups", .count, "The DNS lookups that the SPF policy needs; receivers allow 10. Only for SPF records.", example: 3
        ) { $0.lookups }
        Field.optional(
            "policy", .words(DMARCRecord.Policy.self), "What receivers do with mail that fails DMARC. Only for `dmarc`.",
            example: "reject"
        ) { $0.dmarc?.policy.rawValue }
        Field.optional(
            "dkim_aligned", .boolean, "Whether SES's DKIM signature satisfies DMARC for this domain. Only for `dmarc`.", example: true
        ) { $0.dmarc?.isDKIMAligned }
        Field.optional(
            "spf_aligned", .boolean, "Whether SES's envelope sender satisfies DMARC for this domain. Only for `dmarc`.", example: false
        ) { $0.dmarc?.isSPFAligned }
    }
}
