import Hummingbird
import JSON
import MailModel
import Outbound

extension IdentityOperations {
    /// The calls of version 2.
    var restOperations: [RESTOperation] {
        [
            RESTOperation("CreateEmailIdentity", .post, "/identities", .domainsCreate, .domainsVerify, .sendersManage) { request, caller in
                try await create(RESTFields(request.body), caller)
            },
            RESTOperation("ListEmailIdentities", .get, "/identities", .domainsRead, .sendersRead) { request, caller in
                let listing = try await directory.list(
                    (true, true), after: request.query["NextToken"], limit: try PageSize.limit(request.query["PageSize"]),
                    by: caller.principal)
                return { answer in
                    answer.member("EmailIdentities") { writer in
                        writer.array { array in
                            for identity in listing.identities { array.object { identity.writeSummary(to: &$0) } }
                        }
                    }
                    if let next = listing.next { answer.member("NextToken", next) }
                }
            },
            RESTOperation("GetEmailIdentity", .get, "/identities/{EmailIdentity}", .domainsRead, .sendersRead) { request, caller in
                let name = try request.parameter("EmailIdentity")
                guard let identity = try await directory.find(name, by: caller.principal) else { throw SESFault.noIdentity(name) }
                return { answer in
                    identity.writeFacts(dkimTokens: nil, to: &answer)
                    answer.member("FeedbackForwardingStatus", false)
                    answer.member("VerificationStatus", identity.restStatus)
                }
            },
            RESTOperation("DeleteEmailIdentity", .delete, "/identities/{EmailIdentity}", .domainsDelete, .sendersManage) {
                request, caller in
                let name = try request.parameter("EmailIdentity")
                do {
                    try await directory.delete(name, by: caller.principal)
                } catch let refusal as Refusal where refusal.kind == .notFound {
                    throw SESFault.noIdentity(name)
                }
                return { _ in }
            },
        ]
    }

    private func create(_ fields: RESTFields, _ caller: SESCaller) async throws -> RESTAnswer {
        let name = try fields.required("EmailIdentity")
        try fields.refuse(["DkimSigningAttributes"])
        if try await directory.isKnown(name, by: caller.principal) {
            throw SESFault(.init("AlreadyExists"), rest: .init("AlreadyExistsException"), "Email identity \(name) already exist.")
        }
        if name.contains("@") {
            let sender = try await directory.verify(address: name, by: caller.principal)
            return { IdentityDirectory.Identity.address(sender).writeFacts(dkimTokens: nil, to: &$0) }
        }
        let records = try await directory.verify(domain: name, by: caller.principal)
        guard let identity = try await directory.find(name, by: caller.principal) else { throw SESFault.internalFailure }
        return { identity.writeFacts(dkimTokens: records.dkimTokens, to: &$0) }
    }
}

extension SESFault {
    fileprivate static func noIdentity(_ name: String) -> SESFault {
        SESFault(
            .init("NotFound", .notFound), rest: .init("NotFoundException", .notFound), "Email identity \(name.prefix(254)) does not exist.")
    }
}

extension IdentityDirectory {
    /// Whether the account has an identity, and SES was asked for it.
    fileprivate func isKnown(_ name: String, by principal: Principal) async throws -> Bool {
        switch try await find(name, by: principal) {
        case .domain(let domain)?: domain.verification.requestedAt != nil
        case .address?: true
        case nil: false
        }
    }
}

extension IdentityDirectory.Identity {
    private var restType: String { isDomain ? "DOMAIN" : "EMAIL_ADDRESS" }

    /// The status in the words of version 2.
    fileprivate var restStatus: String { Self.word(status) }

    private static func word(_ status: SESVerification.Status) -> String {
        switch status {
        case .pending: "PENDING"
        case .success: "SUCCESS"
        case .failed: "FAILED"
        case .temporaryFailure: "TEMPORARY_FAILURE"
        case .notStarted: "NOT_STARTED"
        }
    }

    fileprivate func writeSummary(to object: inout JSONWriter) {
        object.member("IdentityType", restType)
        object.member("IdentityName", name)
        object.member("SendingEnabled", isVerified)
        object.member("VerificationStatus", restStatus)
    }

    /// - Parameter dkimTokens: those that SES has just answered; `nil` where it was not asked.
    fileprivate func writeFacts(dkimTokens: [String]?, to object: inout JSONWriter) {
        object.member("IdentityType", restType)
        object.member("VerifiedForSendingStatus", isVerified)
        object.member("DkimAttributes") { writer in
            writer.object { dkim in
                dkim.member("SigningEnabled", isDomain)
                dkim.member("Status", Self.word(self.dkim))
                dkim.member("SigningAttributesOrigin", "AWS_SES")
                if let dkimTokens { dkim.member("Tokens", dkimTokens) }
            }
        }
    }
}
