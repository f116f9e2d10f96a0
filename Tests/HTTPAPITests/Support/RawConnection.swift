import HummingbirdTesting
import NIOCore
import NIOPosix

/// A connection to a live server for requests that no HTTP client would send.
enum RawConnection {
    /// Sends `request` and returns what comes back until the server closes the connection, or until `isComplete` is satisfied.
    static func exchange(
        _ request: String, port: Int, until isComplete: @escaping @Sendable (String) -> Bool = { _ in false }
    ) async throws -> String {
        let channel = try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton).connect(host: "127.0.0.1", port: port) {
            channel in
            channel.eventLoop.makeCompletedFuture {
                try NIOAsyncChannel<ByteBuffer, ByteBuffer>(wrappingChannelSynchronously: channel)
            }
        }
        return try await channel.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: request))
            var answer = ""
            for try await buffer in inbound {
                answer += String(buffer: buffer)
                if isComplete(answer) { break }
            }
            return answer
        }
    }
}
