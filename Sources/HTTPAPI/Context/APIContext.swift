public import Hummingbird
import NIOCore

/// What a request carries besides itself: its connection, and what becomes known about it on the way.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    let channel: any Channel
    let record = RequestRecord()

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// The client's address without its port; `local` on a unix socket.
    var remoteAddress: String {
        channel.remoteAddress?.ipAddress ?? "local"
    }
}
