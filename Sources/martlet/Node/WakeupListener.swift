import ServiceLifecycle
import Storage

/// Hears from the other nodes that there is something to do.
struct WakeupListener: Service {
    let store: Store

    func run() async throws {
        await cancelWhenGracefulShutdown { await store.listen() }
    }
}
