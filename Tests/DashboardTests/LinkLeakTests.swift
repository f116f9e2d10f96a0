import MailModel
import Sending
import Storage
import TestSupport
import Testing

/// No page shows a customer the links by which a recipient acts (specification 5.10): the page of an email, its three views, the preview in the frame, and
/// the message to be downloaded.
@Suite(.timeLimit(.minutes(1)))
struct LinkLeakTests {
    private static var token: Regex<Substring> { /\/[uc]\/[A-Za-z0-9_-]{43}/ }

    private static func paths(of id: EmailID) -> [String] {
        ["", "?view=html", "?view=text", "?view=source", "/preview", "/message"].map { "/dashboard/emails/\(id)\($0)" }
    }

    @Test(arguments: [false, true])
    func `pages hide the links of recipients`(isSubscription: Bool) async throws {
        try await withDashboard { dashboard async throws in
            _ = try await dashboard.store.makeDomain("acme.example")
            let submission = Submission(store: dashboard.store, gate: Gate())
            if isSubscription {
                var request = SubscriptionRequest(email: "eva@example.org", list: "news", from: "news@acme.example")
                request.text = "<p>Go <a href='{{link}}'>{{link}}</a></p>"
                let links = SubscriptionLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")
                _ = try await SubscriptionService(store: dashboard.store, submission: submission, links: links).request(
                    request, by: .master)
            } else {
                var request = EmailRequest(to: "eva@example.org", from: "news@acme.example", text: "<p>x</p>", subject: "S")
                request.unsubscribeText = "Leave"
                _ = try await submission.accept(request, by: .master)
            }
            let found = try await dashboard.store.read { try $0.emails.page(matching: EmailFilter(), of: nil, after: nil, limit: 1).emails }
            let id = try #require(found.first?.id)
            let customer = try await dashboard.browser(try await dashboard.key().token)
            let master = try await dashboard.browser(DashboardHarness.master)
            var seenByMaster = 0
            for path in Self.paths(of: id) {
                let page = try await customer.get(path)
                // Quoted-printable may break a line within the link.
                #expect(
                    page.status == 200 && page.text.replacing("=\r\n", with: "").firstMatch(of: Self.token) == nil, "\(path): \(page.text)")
                if try await master.get(path).text.replacing("=\r\n", with: "").firstMatch(of: Self.token) != nil { seenByMaster += 1 }
            }
            #expect(seenByMaster > 0, "with the capture transport the master sees them")
        }
    }
}
