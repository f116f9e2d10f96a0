import Hummingbird
import MailModel
import Outbound
import Sending
import Web

/// A first email from a domain, to see with one's own eyes that it arrives. It is an email like any other: the gate decides, and it counts.
struct TestEmailPages: Section {
    let domains: DomainService
    let submission: Submission

    var pages: [Page] {
        [.post("/dashboard/domains/{name}/test", .scope(.send), send)]
    }

    private func send(_ visit: DashboardRequest) async throws -> Response {
        let name = try await domains.find(try visit.parameter("name"), by: visit.principal).name
        let request = EmailRequest(
            to: visit.text("to") ?? "", from: "test@\(name)",
            text: "This is a test email from \(name).\n\nWhat became of it stands in its timeline on the dashboard.",
            subject: "A test from \(name)")
        let acceptance = try await submission.accept(request, by: visit.principal)
        return visit.redirect(
            visit.link("/dashboard/emails/\(acceptance.email.id)"), saying: acceptance.note ?? "The test email is accepted.",
            tone: acceptance.note == nil ? .good : .warning)
    }
}
