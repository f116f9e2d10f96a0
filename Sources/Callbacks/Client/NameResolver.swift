import DNS
import Glibc
import MailModel
import NIOCore
import Synchronization

/// Resolves names to addresses, each on a thread of its own: the system's resolver blocks.
///
/// Threads are shared among the accounts (``LookupThreads``), so that names whose servers do not answer delay the callbacks of their own
/// account at the most. Concurrent requests of an account for a name share one lookup. Answers are cached for a few seconds; the client
/// checks them at every use.
final class NameResolver: Sendable {
    typealias Lookup = @Sendable (_ name: String) throws -> [IPAddress]

    private static let largestCache = 10_000
    private static let lifetime = TimeAmount.seconds(10)

    private struct Request: Hashable {
        var name: String
        var account: Int64
    }

    private struct State {
        var underWay: [Request: EventLoopFuture<[IPAddress]>] = [:]
        var known: [String: (addresses: [IPAddress], end: NIODeadline)] = [:]

        mutating func store(_ addresses: [IPAddress], of name: String) {
            if known.count >= largestCache { known.removeAll() }
            known[name] = (addresses, .now() + lifetime)
        }
    }

    private let threads: LookupThreads
    private let lookup: Lookup
    private let state = Mutex(State())

    /// - Parameter threads: the most lookups at a time.
    init(threads: Int = 256, lookup: @escaping Lookup = NameResolver.system) {
        self.threads = LookupThreads(limit: threads)
        self.lookup = lookup
    }

    /// The number of lookups under way.
    var lookups: Int { threads.count }

    /// Returns the addresses of a name or of a literal address in any form, in the order of preference; at least one.
    ///
    /// - Parameter account: for which it is called; it waits for the account's own lookups only.
    func addresses(of name: String, for account: Int64, on loop: any EventLoop) -> EventLoopFuture<[IPAddress]> {
        let promise = loop.makePromise(of: [IPAddress].self)
        let request = Request(name: name, account: account)
        let found = state.withLock { state -> EventLoopFuture<[IPAddress]>? in
            if let known = state.known[name], known.end > .now() { return loop.makeSucceededFuture(known.addresses) }
            if let future = state.underWay[request] { return future }
            state.underWay[request] = promise.futureResult
            return nil
        }
        if let found {
            promise.completeWith(found)
            return promise.futureResult
        }
        threads.run(for: String(account)) { [self] isActive in
            let result = isActive ? Result { try lookup(name) } : .failure(CallbackFailure.abandoned)
            state.withLock { state in
                state.underWay[request] = nil
                if case .success(let addresses) = result { state.store(addresses, of: name) }
            }
            promise.completeWith(result)
        }
        return promise.futureResult
    }

    /// Asks one name server, in place of those of the system, and no hosts file.
    static func asking(_ nameserver: Nameserver) -> Lookup {
        { name in
            // An address in any form, without asking anybody.
            if let addresses = try? resolve(name, flags: AI_NUMERICHOST) { return addresses }
            if name == "localhost" { return [.v4(0x7F00_0001)] }
            let addresses = [DNSRecordType.a, .aaaa].flatMap { type -> [IPAddress] in
                guard let answer = DNSQuestion(name: name, type: type)?.ask(nameserver).answer, case .records(let records) = answer else {
                    return []
                }
                return records.compactMap(address)
            }
            guard !addresses.isEmpty else { throw CallbackFailure(.transient, "the name was not resolved") }
            return addresses
        }
    }

    /// Asks the system's resolver: the hosts file, then DNS.
    static func system(_ name: String) throws -> [IPAddress] {
        try resolve(name, flags: 0)
    }

    private static func resolve(_ name: String, flags: Int32) throws -> [IPAddress] {
        var hints = addrinfo()
        hints.ai_flags = flags
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

    private static func address(_ record: DNSRecord) -> IPAddress? {
        switch record {
        case .a(let text), .aaaa(let text): IPAddress(text)
        case .cname, .mx, .txt: nil
        }
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
