import Glibc
import MailModel
import NIOCore
import NIOPosix
import Synchronization

/// Resolves names to addresses, by the system's resolver on threads of its own.
///
/// Concurrent requests for a name share one lookup: a name whose servers do not answer blocks one thread. Answers are cached for a few
/// seconds; the client checks them at every use.
final class NameResolver: Sendable {
    typealias Lookup = @Sendable (_ name: String) throws -> [IPAddress]

    private static let threads = 16
    private static let largestCache = 10_000
    private static let lifetime = TimeAmount.seconds(10)

    private enum Entry {
        case underWay(EventLoopFuture<[IPAddress]>)
        case known([IPAddress], until: NIODeadline)
    }

    /// One for the process, like NIO's own.
    private static let pool: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: threads)
        pool.start()
        return pool
    }()

    private let lookup: Lookup
    private let entries = Mutex<[String: Entry]>([:])

    init(lookup: @escaping Lookup = NameResolver.system) {
        self.lookup = lookup
    }

    /// Returns the addresses of a name or of a literal address in any form, in the order of preference; at least one.
    func addresses(of name: String, on loop: any EventLoop) -> EventLoopFuture<[IPAddress]> {
        let promise = loop.makePromise(of: [IPAddress].self)
        let (found, isNew) = entries.withLock { entries -> (EventLoopFuture<[IPAddress]>, Bool) in
            switch entries[name] {
            case .underWay(let future): return (future, false)
            case .known(let addresses, let end) where end > .now(): return (loop.makeSucceededFuture(addresses), false)
            default:
                if entries.count >= Self.largestCache { entries = entries.filter { if case .underWay = $0.value { true } else { false } } }
                entries[name] = .underWay(promise.futureResult)
                return (promise.futureResult, true)
            }
        }
        guard isNew else {
            promise.completeWith(found)
            return promise.futureResult
        }
        Self.pool.runIfActive(eventLoop: loop) { [lookup] in try lookup(name) }.whenComplete { result in
            self.entries.withLock { entries in
                let addresses = try? result.get()
                entries[name] = addresses.map { .known($0, until: .now() + Self.lifetime) }
            }
            promise.completeWith(result)
        }
        return found
    }

    /// Asks the system's resolver: the hosts file, then DNS.
    static func system(_ name: String) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        let code = getaddrinfo(name, nil, &hints, &list)
        defer { if let list { freeaddrinfo(list) } }
        guard code == 0 else { throw CallbackFailure(.transient, "the name was not resolved: \(String(cString: gai_strerror(code)))") }
        var found: [IPAddress] = []
        var next = list
        while let entry = next?.pointee {
            if let address = address(entry), !found.contains(address) { found.append(address) }
            next = entry.ai_next
        }
        guard !found.isEmpty else { throw CallbackFailure(.transient, "the name has no address") }
        return found
    }

    /// Returns the address in a `sockaddr_in` or `sockaddr_in6`: behind family and port, and in the latter behind the flow label too.
    private static func address(_ entry: addrinfo) -> IPAddress? {
        guard let start = UnsafeRawPointer(entry.ai_addr) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(entry.ai_addrlen))
        switch entry.ai_family {
        case AF_INET: return IPAddress(bytes: bytes.dropFirst(4).prefix(4))
        case AF_INET6: return IPAddress(bytes: bytes.dropFirst(8).prefix(16))
        default: return nil
        }
    }
}
