import MailModel
import Storage
import Synchronization
import TestSupport
import Testing

@testable import Access

/// Guessing of tokens (specification 2.3).
@Suite(.timeLimit(.minutes(1)))
struct ThrottledAuthenticationTests {
    private static let master = "master-token-of-the-test"
    private static let metrics = "metrics-token-of-the-test"

    /// The services on a database whose reads are counted, and a monotonic clock.
    private struct Access {
        let authenticator: Authenticator
        let keys: KeyService
        let uptime: TestUptime
        let database: CountingDatabase
        let clock: TestClock

        func status(_ token: String, from address: String = "192.0.2.1") async throws -> AuthenticationError.Reason? {
            try await authenticator.refusal(of: token, from: address)
        }

        /// - Returns: `nil` where the caller was not authenticated.
        func mayReadMetrics(_ token: String, from address: String = "192.0.2.1") async throws -> Bool? {
            do {
                return try await authenticator.mayReadMetrics(authorizationHeader: "Bearer \(token)", from: address)
            } catch is AuthenticationError {
                return nil
            }
        }

        func fail(_ times: Int = 10, from address: String = "192.0.2.1") async throws {
            for number in 0..<times { #expect(try await status("wrong-\(number)", from: address) == .unknownKey) }
        }

        func token() async throws -> String {
            try await keys.create(NewKey(accountReference: "acme"), by: .master).token
        }
    }

    private func withAccess(_ body: (Access) async throws -> Void) async throws {
        let clock = TestClock()
        try await withCountedStore(clock: clock) { store, database in
            let uptime = TestUptime()
            let authenticator = Authenticator(
                store: store, masterToken: Self.master, metricsToken: Self.metrics, uptime: { uptime.now })
            let keys = KeyService(store: store, authenticator: authenticator)
            try await body(Access(authenticator: authenticator, keys: keys, uptime: uptime, database: database, clock: clock))
        }
    }

    /// The outcomes of tokens that are used at the same time; `nil` for success.
    private static func statuses(of tokens: [String], _ access: Access) async throws -> [AuthenticationError.Reason?] {
        try await withThrowingTaskGroup(of: AuthenticationError.Reason?.self) { group in
            for token in tokens { group.addTask { try await access.status(token) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
    }

    @Test func `beyond the limit even the right token is refused, unless it was used from there`() async throws {
        try await withAccess { access async throws in
            let (fresh, used) = (try await access.token(), try await access.token())
            #expect(try await access.status(used) == nil)
            try await access.fail()
            access.uptime.advance(by: .milliseconds(20_500))
            for token in ["wrong", fresh, Self.master] {
                #expect(try await access.status(token) == .tooManyFailures(retryAfter: 40))
            }
            #expect(try await access.status(used) == nil)
            #expect(try await access.status(fresh, from: "192.0.2.2") == nil)
            access.uptime.advance(by: .seconds(40))
            #expect(try await access.status(fresh) == nil)
            #expect(try await access.status(Self.master) == nil)
        }
    }

    @Test func `a failure beyond the limit reads nothing`() async throws {
        try await withAccess { access async throws in
            let fresh = try await access.token()
            let before = access.database.reads
            try await access.fail()
            #expect(access.database.reads == before + 10)
            for number in 0..<50 { _ = try await access.status("further-\(number)") }
            _ = try await access.status(fresh)
            #expect(access.database.reads == before + 10)
        }
    }

    @Test func `a wrong checksum is refused without a read, and counts`() async throws {
        try await withAccess { access async throws in
            var token = try await access.token()
            token = token.dropLast() + (token.hasSuffix("a") ? "b" : "a")
            let before = access.database.reads
            for _ in 1...10 { #expect(try await access.status(token) == .unknownKey) }
            #expect(access.database.reads == before)
            #expect(try await access.status("other") == .tooManyFailures(retryAfter: 60))
        }
    }

    @Test func `tokens that are tried at once are no more than those tried one after another`() async throws {
        try await withAccess { access async throws in
            let right = try await access.token()
            let tokens = (0..<200).map { "guess-\($0)" }
            let before = access.database.reads
            let reasons = try await Self.statuses(of: tokens, access)
            #expect(reasons.count { $0 == .unknownKey } == 10)
            #expect(reasons.count { $0 == .tooManyFailures(retryAfter: 60) } == 190)
            #expect(access.database.reads == before + 10)
            #expect(try await access.status(right) == .tooManyFailures(retryAfter: 60))
        }
    }

    /// Many connections that begin with the same token, or many customers behind one address.
    @Test func `valid tokens that are used at once are all accepted`() async throws {
        try await withAccess { access async throws in
            var tokens: [String] = []
            for _ in 0..<30 { tokens.append(try await access.token()) }
            let reasons = try await Self.statuses(of: tokens + tokens + Array(repeating: Self.master, count: 60), access)
            #expect(reasons.count == 120 && reasons.allSatisfy { $0 == nil })
        }
    }

    @Test func `a network of IPv6 is limited as a whole`() async throws {
        try await withAccess { access async throws in
            let token = try await access.token()
            #expect(try await access.status(token, from: "2001:db8:0:1::7") == nil)
            for number in 1...10 { #expect(try await access.status("wrong", from: "2001:db8:0:1::\(number)") == .unknownKey) }
            #expect(try await access.status("wrong", from: "2001:db8:0:1:ffff::1") == .tooManyFailures(retryAfter: 60))
            #expect(try await access.status(token, from: "2001:db8:0:1::8") == nil)
            #expect(try await access.status("wrong", from: "2001:db8:0:2::1") == .unknownKey)
        }
    }

    @Test func `a key that is revoked is known nowhere any more`() async throws {
        try await withAccess { access async throws in
            let (key, token) = try await access.keys.create(NewKey(accountReference: "acme"), by: .master).parts
            #expect(try await access.status(token) == nil)
            try await access.fail()
            try await access.keys.delete(key.id, by: .master)
            #expect(try await access.status(token) == .tooManyFailures(retryAfter: 60))
            let before = access.database.reads
            _ = try await access.status(token)
            #expect(access.database.reads == before)
        }
    }

    @Test func `the metrics are throttled alike`() async throws {
        try await withAccess { access async throws in
            #expect(try await access.mayReadMetrics(Self.metrics) == true)
            for _ in 1...10 { #expect(try await access.mayReadMetrics("wrong") == nil) }
            #expect(try await access.mayReadMetrics(Self.metrics) == true)
            #expect(try await access.mayReadMetrics(Self.master) == nil)
            #expect(try await access.status(Self.master) == .tooManyFailures(retryAfter: 60))
            #expect(try await access.mayReadMetrics(Self.master, from: "192.0.2.2") == true)
        }
    }

    @Test func `a malformed header counts, and is told to wait`() async throws {
        try await withAccess { access async throws in
            for number in 1...11 {
                let error = await #expect(throws: AuthenticationError.self) {
                    try await access.authenticator.authenticate(authorizationHeader: nil, from: "192.0.2.1")
                }
                #expect(error?.reason == (number > 10 ? .tooManyFailures(retryAfter: 60) : .malformedHeader))
            }
            #expect(try await access.status(Self.master) == .tooManyFailures(retryAfter: 60))
        }
    }

    /// The wall clock has no say in it.
    @Test func `a step of the wall clock ends no window`() async throws {
        try await withAccess { access async throws in
            try await access.fail()
            access.clock.advance(by: .seconds(7200))
            #expect(try await access.status("wrong") == .tooManyFailures(retryAfter: 60))
        }
    }
}
