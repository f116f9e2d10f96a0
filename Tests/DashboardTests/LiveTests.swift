import Access
import HummingbirdTesting
import MailModel
import NIOCore
import Storage
import TestSupport
import Testing

@Suite(.timeLimit(.minutes(1)))
struct LiveTests {
    /// The stream ends with its session.
    @Test func aStreamEndsWithItsSession() async throws {
        try await withDashboard { dashboard async throws in
            let (key, token) = try await dashboard.key()
            let browser = try await dashboard.browser(token)
            async let stream = browser.get("/dashboard/live")
            try await dashboard.keys.delete(key.id)
            let answer = try await stream
            // Either the key was gone before the stream began, or the stream has ended.
            #expect(answer.status == 303 || answer.text.hasSuffix("event: end\ndata:\n\n"))
        }
    }
}
