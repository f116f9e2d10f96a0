import MailModel
import Testing

@testable import Feedback

struct TallyTests {
    struct Case: Sendable {
        let object: String
        var destinations = #"["r@example.com"]"#
        var countTransient = false
        var bounces: Int64 = 0
        var complaints: Int64 = 0
        var suppressed: [String] = []
    }

    private static func bounce(_ type: String?, _ subType: String = "General", _ recipients: [String] = ["r@example.com"]) -> String {
        let list = recipients.map { #"{"emailAddress":"\#($0)"}"# }.joined(separator: ",")
        let type = type.map { #""bounceType":"\#($0)","# } ?? ""
        return #""eventType":"Bounce","bounce":{\#(type)"bounceSubType":"\#(subType)","bouncedRecipients":[\#(list)]}"#
    }

    private static func complaint(_ feedbackType: String, _ recipient: String = "r@example.com") -> String {
        #""eventType":"Complaint","complaint":{"complaintFeedbackType":"\#(feedbackType)","complainedRecipients":[{"emailAddress":"\#(recipient)"}]}"#
    }

    static let cases: [Case] = [
        Case(object: bounce("Permanent"), bounces: 1, suppressed: ["r@example.com"]),
        Case(object: bounce(nil), bounces: 1, suppressed: ["r@example.com"]),
        Case(object: bounce("Undetermined"), bounces: 1),
        Case(object: bounce("Novel"), bounces: 1),
        Case(object: bounce("Transient")),
        Case(object: bounce("Transient"), countTransient: true, bounces: 1),
        Case(object: bounce("Permanent", "Suppressed"), bounces: 1, suppressed: ["r@example.com"]),
        Case(object: bounce("Permanent", "OnAccountSuppressionList"), suppressed: ["r@example.com"]),
        Case(object: bounce("Permanent", "General", ["bounce@simulator.amazonses.com"]), destinations: "[]"),
        Case(object: bounce("Permanent", "General", ["bounce+1@simulator.martlet.test"]), destinations: "[]", bounces: 1),
        Case(
            object: bounce("Permanent", "General", ["a@x.example", "b@x.example", "B@x.example"]), destinations: "[]", bounces: 2,
            suppressed: ["a@x.example", "b@x.example"]),
        // A forwarded mailbox: the address that was mailed, and the one that bounced.
        Case(object: bounce("Permanent", "General", ["other@x.example"]), bounces: 1, suppressed: ["other@x.example", "r@example.com"]),
        Case(object: bounce("Permanent", "General", []), bounces: 1, suppressed: ["r@example.com"]),
        Case(object: bounce("Permanent", "General", []), destinations: "[]", bounces: 1),
        Case(object: bounce("Permanent", "General", ["no address"]), destinations: "[]", bounces: 1),
        Case(object: complaint("abuse"), complaints: 1, suppressed: ["r@example.com"]),
        Case(object: complaint("virus"), complaints: 1, suppressed: ["r@example.com"]),
        Case(object: complaint("not-spam")),
        Case(object: complaint("abuse", "complaint@simulator.amazonses.com"), destinations: "[]"),
        Case(object: #""eventType":"Delivery","delivery":{"recipients":["r@example.com"]}"#),
        Case(object: #""eventType":"Reject","reject":{"reason":"Bad content"}"#),
    ]

    @Test(arguments: cases)
    func `what an event counts, and whom it suppresses`(test: Case) throws {
        let text = #"{"mail":{"source":"s@example.com","destination":\#(test.destinations)},\#(test.object)}"#
        let tally = try SESEvent(parsing: Array(text.utf8)).tally(by: FeedbackRules(countTransient: test.countTransient))
        #expect(tally.bounces == test.bounces)
        #expect(tally.complaints == test.complaints)
        #expect(tally.suppressed.map(\.description) == test.suppressed)
    }
}
