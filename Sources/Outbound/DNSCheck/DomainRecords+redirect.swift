import AmazonSES
import Concurrency
import MailModel
import Synchronization

extension DomainRecords {
    /// The check of the host that the links of opens and clicks lead through; none where SES uses its own.
    func redirect(_ redirect: RedirectDomain?) async -> [RecordCheck] {
        guard let redirect else { return [] }
        let check = RecordCheck(.redirect, "CNAME", redirect.name.description, expected: redirect.target)
        guard let aliases = await lookup.aliases(check.name) else { return [check.unanswered()] }
        if aliases == [redirect.target] { return [check.found(aliases)] }
        let who = redirect.name.isWithin(domain) ? "Add this CNAME record" : "The operator of this service has to add this CNAME record"
        guard !aliases.isEmpty else {
            return [check.missing("\(who): the links by which opens and clicks are counted lead through this host.")]
        }
        return [
            check.different(
                aliases,
                "The links by which opens and clicks are counted lead through this host: it has to lead to SES, or to a CDN that serves HTTPS for it and passes all on to SES."
            )
        ]
    }
}

/// The redirect domains that SES returned within ``IdentityCache/lifetime``, by tier: one for all domains of a tier.
final class RedirectCache: Sendable {
    private let answers = Mutex<[OutboundConfiguration.Tier: (redirect: RedirectDomain?, at: Timestamp)]>([:])
    private let asking = SingleFlight<OutboundConfiguration.Tier, RedirectDomain?>()

    /// Returns the redirect domain of a tier; `nil` for none, and where SES does not answer.
    func redirect(
        of tier: OutboundConfiguration.Tier, at now: Timestamp, _ ask: @escaping DNSCheckService.AskRedirect
    ) async -> RedirectDomain? {
        let known = answers.withLock { $0[tier] }
        if let known, known.at <= now, now - known.at < IdentityCache.lifetime { return known.redirect }
        return await asking.run(tier) { [self] in
            guard let redirect = try? await ask(tier) else { return nil }
            answers.withLock { $0[tier] = (redirect, now) }
            return redirect
        }
    }
}
