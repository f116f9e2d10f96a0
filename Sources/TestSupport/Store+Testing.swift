import Database
import DatabaseSQLite
public import MailModel
public import Storage
import Synchronization

#if canImport(FoundationEssentials)
    import FoundationEssentials
#else
    import Foundation
#endif

/// A clock that stands still until a test moves it.
public final class TestClock: Sendable {
    private let time: Mutex<Timestamp>

    /// Begins in the middle of a month and a day: 2026-06-15T12:00:00Z.
    public init(_ start: Timestamp = Timestamp(milliseconds: 1_781_524_800_000)) {
        time = Mutex(start)
    }

    public var now: Timestamp { time.withLock { $0 } }

    public func advance(by duration: Duration) {
        time.withLock { $0 = $0 + duration }
    }

    public func set(_ newTime: Timestamp) {
        time.withLock { $0 = newTime }
    }
}

/// Runs a test on a store of its own, on a real SQLite file that is gone afterwards.
public func withStore<Value>(
    clock: TestClock = TestClock(), capacity: Int = 8192, _ body: (Store) async throws -> Value
) async throws -> Value {
    let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-test-\(UInt64.random(in: 0...UInt64.max))")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    let store = Store(try SQLiteDatabase(path: folder.appending(path: "test.sqlite").path), capacity: capacity, clock: { clock.now })
    try await store.migrate()
    let value: Value
    do {
        value = try await body(store)
    } catch {
        try? await store.close()
        throw error
    }
    try await store.close()
    return value
}

extension Store {
    /// Makes an account with one domain, verified unless said otherwise.
    public func makeDomain(
        _ name: String, account reference: String = "acme", isVerified: Bool = true,
        configure: @escaping @Sendable (inout SendingDomain) -> Void = { _ in }
    ) async throws -> SendingDomain {
        try await write { context in
            let account = try context.findOrCreateAccount(reference: reference)
            guard
                var domain = try context.createDomain(DomainName(validated: name), accountID: account.id, outbound: OutboundConfiguration())
            else { throw StorageError.malformed("\(name) exists") }
            if isVerified { domain.verification.update(identity: .success, dkim: .success, at: context.now) }
            configure(&domain)
            context.save(domain)
            return domain
        }
    }
}
