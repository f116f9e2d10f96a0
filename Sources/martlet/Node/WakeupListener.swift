import ServiceLifecycle
import Storage

/// Hears from the other nodes that there is something to do.
struct WakeupListener: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.listen() }
        // Where there is nothing to hear it has ended at once; the end of a service is the end of the program.
        try? await gracefulShutdown()
    }
}
