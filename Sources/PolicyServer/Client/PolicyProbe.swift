import Concurrency
package import MailModel
import NIOCore
import NIOPosix

/// Checks that a policy daemon answers, by a request that is not counted.
package struct PolicyProbe: Sendable {
    /// Why there was no answer.
    package struct Failure: Error, CustomStringConvertible {
        /// The reason in a sentence.
        package let description: String
    }

    private static let request = "request=smtpd_access_policy\nprotocol_state=CONNECT\nclient_address=127.0.0.1\n\n"
    private static let longestAnswer = 1024

    private let address: PolicyAddress
    private let timeout: Duration

    /// - Parameter timeout: the time from the connection to the answer.
    package init(_ address: PolicyAddress, timeout: Duration = .seconds(5)) {
        self.address = address
        self.timeout = timeout
    }

    /// Returns the action of the answer, such as `DUNNO`.
    ///
    /// - Throws: ``Failure``.
    package func run() async throws -> String {
        do {
            return try await withTimeout(timeout) { try await exchange() }
        } catch let failure as Failure {
            throw failure
        } catch is TimeoutError {
            throw Failure(description: "no answer within \(timeout.milliseconds) ms")
        } catch {
            throw Failure(description: "\(error)")
        }
    }

    private func exchange() async throws -> String {
        let connection = try await connect()
        return try await connection.executeThenClose { inbound, outbound in
            try await outbound.write(ByteBuffer(string: Self.request))
            var answer = ""
            for try await buffer in inbound {
                answer += String(buffer: buffer)
                if answer.hasSuffix("\n\n") || answer.utf8.count > Self.longestAnswer { break }
            }
            guard answer.hasPrefix("action="), answer.hasSuffix("\n\n") else {
                throw Failure(description: answer.isEmpty ? "closed without an answer" : "the answer is no action")
            }
            return String(answer.dropFirst("action=".count).dropLast(2))
        }
    }

    private func connect() async throws -> NIOAsyncChannel<ByteBuffer, ByteBuffer> {
        let bootstrap = ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
        let wrap: @Sendable (any Channel) -> EventLoopFuture<NIOAsyncChannel<ByteBuffer, ByteBuffer>> = { channel in
            channel.eventLoop.makeCompletedFuture { try NIOAsyncChannel(wrappingChannelSynchronously: channel) }
        }
        switch address {
        case .tcp(let host, let port): return try await bootstrap.connect(host: host, port: port, channelInitializer: wrap)
        case .unix(let path): return try await bootstrap.connect(unixDomainSocketPath: path, channelInitializer: wrap)
        }
    }
}
