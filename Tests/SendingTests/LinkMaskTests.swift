import MailModel
import Testing

@testable import Sending

struct LinkMaskTests {
    private let unsubscribe = UnsubscribeLinks(secret: Array(repeating: 7, count: 32), base: "https://mail.example")
    private let subscription = SubscriptionLinks(secret: Array(repeating: 8, count: 32), base: "https://mail.example")
    private let time = Timestamp(milliseconds: 1_781_524_800_000)
    private var mask: LinkMask { LinkMask(unsubscribe: unsubscribe, subscription: subscription) }

    /// Wherever a link stands: at both ends, twice, in JSON with escaped slashes, behind another base.
    @Test(arguments: [
        "U", "see U now", "C", "UC", "<a href=\"C\">C</a>", "U\nC\nU", "{\"link\":\"E\"}", "http://other.example:8080/xU", "x/u/U", "Uabc",
    ])
    func `tokens are replaced`(template: String) {
        let (leave, confirm) = (unsubscribe.url(for: EmailID(at: time)), subscription.url(for: SubscriptionID(at: time)))
        let text = template.replacing("U", with: leave).replacing("C", with: confirm).replacing(
            "E", with: leave.replacing("/", with: "\\/"))
        let masked = mask.masked(text)
        for link in [leave, confirm] { #expect(!masked.contains(link.suffix(SignedTokens.length))) }
        #expect(masked.contains("hidden"))
        #expect(mask.masked(masked) == masked)
    }

    /// A customer's own links may look alike.
    @Test(arguments: [
        "", "/u/", "https://shop.example/u/" + String(repeating: "A", count: 43), "https://shop.example/c/abc", "grüße/u/💥",
        "https://mail.example/c/" + UnsubscribeLinks(secret: [1], base: "").url(for: EmailID(at: Timestamp(milliseconds: 0))).suffix(43),
    ])
    func `other texts stay as they are`(text: String) {
        #expect(mask.masked(text) == text)
    }

    @Test func `a token is known as its own kind`() {
        let token = unsubscribe.url(for: EmailID(at: time)).suffix(SignedTokens.length)
        #expect(mask.masked("/c/\(token)") == "/c/\(token)")
        #expect(mask.masked("/u/\(token)") == "/u/hidden")
    }

    @Test func `texts of an email and details of its timeline are masked`() {
        let link = subscription.url(for: SubscriptionID(at: time))
        var email = Email(
            id: EmailID(at: time), accountID: 1, userName: "acme", operatorName: "Ann", domainID: 1,
            sender: EmailAddress(validated: "a@b.example"),
            recipient: EmailAddress(validated: "c@d.example"), status: .queued, externalID: nil, clientID: nil, createdAt: time,
            updatedAt: time,
            content: EmailContent(subject: "S \(link)", text: "T \(link)", html: "<p>\(link)</p>"))
        email = mask.masked(email)
        #expect(email.content == EmailContent(subject: "S \(hidden)", text: "T \(hidden)", html: "<p>\(hidden)</p>"))
        let entry = mask.masked(TimelineEntry(.click, at: time, details: #"{"link":"\#(link)"}"#))
        #expect(entry.details == #"{"link":"\#(hidden)"}"#)
    }

    private let hidden = "https://mail.example/c/hidden"
}
