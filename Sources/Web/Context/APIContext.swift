package import Hummingbird
package import NIOCore

/// What a request carries besides itself: its connection, and what becomes known about it on the way.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel
    package let record = RequestRecord()

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The client's address without its port; `local` on a unix socket.
    package var remoteAddress: String {
        channel.remoteAddress?.ipAddress ?? "local"
    }
}
