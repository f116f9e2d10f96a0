import SMTPServer
import ServiceLifecycle
import Storage
import UnixSignals

/// A service that has a bounded time to end by itself once the program stops, and is then cancelled: one request that never ends must not
/// use up the time of the other services.
struct BoundedDrain<Drained: Service>: Service {
    private let service: Drained
    private let bound: Duration

    init(_ service: Drained, atMost bound: Duration) {
        self.service = service
        self.bound = bound
    }

    func run() async throws {
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await service.run() }
            group.addTask {
                try await gracefulShutdown()
                try await Task.sleep(for: bound)
            }
            // The service ends, or its time is over.
            try await group.next()
            group.cancelAll()
        }
    }
}

/// The service that receives the notifications of other nodes that there is new work.
struct WakeupListener: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.listen() }
        // With SQLite `listen` returns at once, and the end of a service would be the end of the program.
        try? await gracefulShutdown()
    }
}

/// Reads the certificate of submission again on SIGHUP.
struct CertificateReload: Service {
    let certificate: SubmissionCertificate

    func run() async throws {
        await cancelWhenGracefulShutdown {
            for await _ in await UnixSignalsSequence(trapping: .sighup) { certificate.reload() }
        }
    }
}
