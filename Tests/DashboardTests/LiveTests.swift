import Access
import HummingbirdTesting
import MailModel
import NIOCore
import Storage
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct LiveTests {
    /// The stream ends with its session.
    @Test func aStreamEndsWithItsSession() async throws {
        try await withDashboard { dashboard async throws in
            let (key, token) = try await dashboard.key()
            let browser = try await dashboard.browser(token)
            async let stream = browser.get("/dashboard/live")
            try await dashboard.keys.delete(key.id, by: .master)
            let answer = try await stream
            // Either the key was gone before the stream began, or the stream has ended.
            #expect(answer.status == 303 || answer.text.hasSuffix("event: end\ndata:\n\n"))
        }
    }

    /// However many sessions its keys have.
    @Test func `one account has half of the streams that others leave`() async throws {
        try await withStore { store in
            let authenticator = Authenticator(store: store, masterToken: "master-token", metricsToken: nil)
            let streams = LiveStreams(sessions: SessionService(store: store, authenticator: authenticator))
            let own = (0..<60).flatMap { session in (0..<5).map { _ in streams.enter("s\(session)", of: "1") } }
            #expect(own.count { $0 } == 100)
            #expect(own.prefix(5) == [true, true, true, true, false], "a session has four")
            #expect((0..<60).count { streams.enter("t\($0)", of: "2") } == 50)
            for _ in 0..<4 { streams.leave("s0", of: "1") }
            #expect(streams.enter("s0", of: "1") == false, "more than half of what is left by now")
            for session in 1..<20 { for _ in 0..<4 { streams.leave("s\(session)", of: "1") } }
            #expect(streams.enter("s0", of: "1") && streams.enter("u", of: "3"))
        }
    }
}
