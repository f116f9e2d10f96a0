package import Hummingbird
package import NIOCore

/// What a request carries besides itself: its connection, and what becomes known about it on the way.
package struct APIContext: RequestContext {
    package var coreContext: CoreRequestContextStorage
    package let channel: any Channel
    package let record = RequestRecord()
    /// What a trusted proxy says of where the request comes from.
    var forwardedAddress: String?

    package init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The client's address without its port: that of the connection, or what a trusted proxy says; `local` on a unix socket.
    package var remoteAddress: String {
        forwardedAddress ?? channel.remoteAddress?.ipAddress ?? "local"
    }
}
