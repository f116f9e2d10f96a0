import MailModel
import NIOCore
import Synchronization

/// The pool of open connections that wait for their next exchange.
///
/// Their addresses were checked when they were opened, and are compared with those of the name when they are used again.
final class IdleConnections: Sendable {
    /// What a connection can be used for.
    struct Key: Hashable, Sendable {
        var scheme: String
        var host: String
        var port: Int

        init(_ url: WebURL) {
            scheme = url.scheme
            host = url.host
            port = url.port ?? (url.scheme == "https" ? 443 : 80)
        }
    }

    private struct Idle {
        var channel: any Channel
        var address: IPAddress
        var end: Scheduled<Void>
    }

    /// Shorter than the time after which servers close an idle connection.
    private static let lifetime = TimeAmount.seconds(5)
    private static let mostPerHost = 64

    private let connections = Mutex<[Key: [Idle]]>([:])

    /// Removes and returns a connection to one of these addresses; `nil` when there is none.
    func checkOut(_ key: Key, to addresses: [IPAddress]) -> (any Channel)? {
        let idle = connections.withLock { connections -> Idle? in
            guard let index = connections[key]?.lastIndex(where: { $0.channel.isActive && addresses.contains($0.address) }) else {
                return nil
            }
            let idle = connections[key]?.remove(at: index)
            if connections[key]?.isEmpty == true { connections[key] = nil }
            return idle
        }
        idle?.end.cancel()
        return idle?.channel
    }

    /// Adds a connection, which is closed after a while, or at once when its host has enough of them.
    func checkIn(_ channel: any Channel, _ key: Key, to address: IPAddress) {
        let end = channel.eventLoop.scheduleTask(in: Self.lifetime) { self.close(channel, key) }
        let isFull = connections.withLock { connections in
            guard connections[key, default: []].count < Self.mostPerHost else { return true }
            connections[key, default: []].append(Idle(channel: channel, address: address, end: end))
            return false
        }
        if isFull {
            end.cancel()
            channel.close(promise: nil)
        }
    }

    private func close(_ channel: any Channel, _ key: Key) {
        let wasIdle = connections.withLock { connections in
            guard let index = connections[key]?.firstIndex(where: { $0.channel === channel }) else { return false }
            connections[key]?.remove(at: index)
            if connections[key]?.isEmpty == true { connections[key] = nil }
            return true
        }
        if wasIdle { channel.close(promise: nil) }
    }
}
