import DNS
import Dispatch
import MailModel
import NIOHTTP1
import NIOSSL
import Synchronization
import TestSupport
import Testing

@testable import Callbacks

@Suite(.timeLimit(.minutes(1)))
struct CallbackClientTests {
    private func client(
        _ policy: AddressPolicy = AddressPolicy(allowsPrivate: true), timeout: Duration = .seconds(5),
        lookup: @escaping NameResolver.Lookup = NameResolver.system
    ) throws -> CallbackClient {
        CallbackClient(
            policy: policy, timeout: timeout, resolver: NameResolver(lookup: lookup), tls: .makeClientConfiguration())
    }

    private func post(_ client: CallbackClient, _ url: String) async throws -> Int {
        let url = try #require(WebURL(url))
        return try await client.post(url, headers: [("webhook-id", "1")], body: Array("{}".utf8))
    }

    @Test func aConnectionIsReused() async throws {
        let receiver = try await Receiver()
        let client = try client()
        for _ in 0..<5 { #expect(try await post(client, receiver.url + "?a=b") == 200) }
        #expect(receiver.requests.count == 5 && receiver.connections == 1)
        let head = try #require(receiver.requests.first?.head)
        #expect(head.method == .POST && head.uri == "/hook?a=b")
        #expect(head.headers["Host"] == ["127.0.0.1:\(receiver.port)"] && head.headers["Content-Type"] == ["application/json"])
        #expect(head.headers["webhook-id"] == ["1"] && receiver.requests[0].body == "{}")
        try await receiver.close()
    }

    @Test func theHostHeaderNamesTheHostWhileTheCheckedAddressIsConnectedTo() async throws {
        let receiver = try await Receiver()
        let client = try client { _ in [.v4(0x7F00_0001)] }
        #expect(try await post(client, "http://hooks.example:\(receiver.port)/") == 200)
        #expect(receiver.requests.first?.head.headers["Host"] == ["hooks.example:\(receiver.port)"])
        try await receiver.close()
    }

    @Test(arguments: [204, 301, 404, 500])
    func everyStatusIsReturnedAndNoRedirectIsFollowed(_ status: Int) async throws {
        let target = try await Receiver()
        let location = target.url
        let receiver = try await Receiver { _, _ in .status(status, headers: [("Location", location)]) }
        #expect(try await post(try client(), receiver.url) == status)
        #expect(target.connections == 0 && receiver.requests.count == 1)
        try await receiver.close()
        try await target.close()
    }

    @Test func aLongAnswerIsNotReadToTheEnd() async throws {
        let receiver = try await Receiver { _, _ in .status(200, bodyBytes: 1 << 20) }
        let client = try client()
        #expect(try await post(client, receiver.url) == 200)
        #expect(try await post(client, receiver.url) == 200)
        #expect(receiver.connections == 2)
        try await receiver.close()
    }

    @Test func aReceiverThatDoesNotAnswerTimesOut() async throws {
        let receiver = try await Receiver { _, _ in .silence }
        let client = try client(timeout: .milliseconds(100))
        await #expect(throws: CallbackFailure.timedOut) { try await post(client, receiver.url) }
        try await receiver.close()
    }

    @Test func aResolverThatDoesNotAnswerTimesOut() async throws {
        // Blocks the resolver's thread, as `getaddrinfo` does.
        let resolver = BlockingLatch()
        let client = try client(timeout: .milliseconds(100)) { _ in
            resolver.wait()
            return []
        }
        await #expect(throws: CallbackFailure.timedOut) { try await post(client, "https://hooks.example/") }
        resolver.release()
    }

    @Test func aRefusedConnectionIsATransientFailure() async throws {
        let receiver = try await Receiver()
        let url = receiver.url
        try await receiver.close()
        let failure = await #expect(throws: CallbackFailure.self) { try await post(try client(), url) }
        #expect(failure?.kind == .transient && failure?.explanation == "Connection refused")
    }

    /// The certificate is checked against the name, although the connection is made to the address.
    @Test func aCertificateForAnotherNameIsRefused() async throws {
        let certificate = try TestCertificate(name: "hooks.example")
        let receiver = try await Receiver(tls: try certificate.server)
        let client = CallbackClient(
            policy: AddressPolicy(allowsPrivate: true), timeout: .seconds(5), resolver: NameResolver { _ in [.v4(0x7F00_0001)] },
            tls: certificate.client)
        #expect(try await post(client, "https://hooks.example:\(receiver.port)/") == 200)
        let failure = await #expect(throws: CallbackFailure.self) { try await post(client, "https://other.example:\(receiver.port)/") }
        #expect(failure?.kind == .transient)
        #expect(receiver.requests.count == 1)
        try await receiver.close()
    }

    @Test func anUntrustedCertificateIsRefused() async throws {
        let receiver = try await Receiver(tls: try TestCertificate(name: "hooks.example").server)
        let client = try client { _ in [.v4(0x7F00_0001)] }
        await #expect(throws: CallbackFailure.self) { try await post(client, "https://hooks.example:\(receiver.port)/") }
        #expect(receiver.requests.isEmpty)
        try await receiver.close()
    }
}

/// Server-side request forgery: a listener counts the connections, of which there must be none.
@Suite(.timeLimit(.minutes(1)))
struct ForgeryTests {
    private func client(
        _ policy: AddressPolicy = AddressPolicy(allowsHTTP: true), lookup: @escaping NameResolver.Lookup = NameResolver.system
    ) throws -> CallbackClient {
        CallbackClient(
            policy: policy, timeout: .seconds(30), resolver: NameResolver(lookup: lookup), tls: .makeClientConfiguration())
    }

    private func attempt(_ text: String, by client: CallbackClient) async throws -> CallbackFailure? {
        let url = try #require(WebURL(text))
        return await #expect(throws: CallbackFailure.self) { try await client.post(url, headers: [], body: []) }
    }

    @Test func literalAddressesAreRefused() async throws {
        let receiver = try await Receiver()
        let client = try client()
        for literal in AddressPolicyTests.forbidden {
            let host = literal.contains(":") ? "[\(literal)]" : literal
            for scheme in ["http", "https"] {
                #expect(try await attempt("\(scheme)://\(host):\(receiver.port)/", by: client)?.kind == .refused, "\(literal)")
            }
        }
        #expect(receiver.connections == 0)
        try await receiver.close()
    }

    /// A name is refused when any of its addresses is.
    @Test func namesThatResolveToThemAreRefused() async throws {
        let receiver = try await Receiver()
        for literal in AddressPolicyTests.forbidden {
            let address = try #require(IPAddress(literal: literal))
            let client = try client { name in
                name.hasPrefix("alone") ? [address] : name.hasPrefix("first") ? [address, .v4(0x0101_0101)] : [.v4(0x0101_0101), address]
            }
            for name in ["alone", "first", "last"] {
                let failure = try await attempt("http://\(name).example:\(receiver.port)/", by: client)
                #expect(failure?.explanation.hasPrefix("the address is not public") == true, "\(literal)")
            }
        }
        #expect(receiver.connections == 0)
        try await receiver.close()
    }

    @Test func namesOfThisMachineAreRefused() async throws {
        let receiver = try await Receiver()
        let client = try client()
        for name in ["localhost", "LOCALHOST", "localhost."] {
            _ = try await attempt("http://\(name):\(receiver.port)/", by: client)
        }
        #expect(receiver.connections == 0)
        try await receiver.close()
    }

    @Test func `names that are slow to resolve delay their own account alone`() async throws {
        let receiver = try await Receiver()
        let gate = DispatchSemaphore(value: 0)
        let resolver = NameResolver(threads: 8) { name in
            if name.hasPrefix("slow") { gate.wait() }
            return [.v4(0x7F00_0001)]
        }
        let client = CallbackClient(
            policy: AddressPolicy(allowsPrivate: true), timeout: .seconds(30), resolver: resolver, tls: .makeClientConfiguration())
        let slow = (0..<60).map { number in
            Task {
                try await client.post(try #require(WebURL("http://slow\(number).example:\(receiver.port)/")), headers: [], body: [], for: 1)
            }
        }
        while resolver.lookups < 4 { await Task.yield() }
        for name in ["a.example", "b.example"] {
            #expect(try await client.post(try #require(WebURL("http://\(name):\(receiver.port)/")), headers: [], body: [], for: 2) == 200)
        }
        #expect(resolver.lookups == 4, "one account has half of the threads")
        for task in slow { task.cancel() }
        for task in slow { await #expect(throws: CallbackFailure.self) { try await task.value } }
        for _ in slow { gate.signal() }
        try await receiver.close()
    }

    @Test func `one name server is asked in place of the system's`() throws {
        let lookup = NameResolver.asking(try #require(Nameserver("127.0.0.1:1")))
        #expect(try lookup("192.0.2.7") == [.v4(0xC000_0207)])
        #expect(try lookup("localhost") == [.v4(0x7F00_0001)])
        #expect(throws: CallbackFailure.self) { try lookup("hooks.example") }
    }

    /// The name resolves to an allowed address at the check, and to another one after it (DNS rebinding).
    @Test func theAddressThatWasCheckedIsConnectedTo() async throws {
        let checked = try await Receiver(host: "127.0.0.2")
        let elsewhere = try await Receiver(host: "127.0.0.1", port: checked.port)
        let lookups = Mutex(0)
        let client = CallbackClient(
            policy: AddressPolicy(allowsPrivate: true), timeout: .seconds(5),
            resolver: NameResolver { _ in
                lookups.withLock { lookups in
                    lookups += 1
                    return lookups == 1 ? [.v4(0x7F00_0002)] : [.v4(0x7F00_0001)]
                }
            }, tls: .makeClientConfiguration())
        let url = try #require(WebURL("http://hooks.example:\(checked.port)/"))
        #expect(try await client.post(url, headers: [], body: []) == 200)
        #expect(checked.connections == 1 && elsewhere.connections == 0 && lookups.withLock { $0 } == 1)
        try await checked.close()
        try await elsewhere.close()
    }

    @Test func plainHTTPIsRefusedByDefault() async throws {
        #expect(try await attempt("http://1.1.1.1/", by: try client(AddressPolicy()))?.kind == .refused)
    }
}
