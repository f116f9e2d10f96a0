import ArgumentParser
import Foundation
import Glibc
import Synchronization

/// A load generator for policy daemons: sends requests over a number of connections, one at a time on each, and prints rate and latencies.
///
/// Each connection has a thread and a blocking socket: little overhead, and no framework that the measured daemon uses.
@main
struct PolicyLoad: ParsableCommand {
    static let configuration = CommandConfiguration(commandName: "policy-load", abstract: "Load for policy daemons on 127.0.0.1.")

    @Option var port: UInt16
    @Option var connections = 16
    @Option var seconds = 5.0
    @Option(help: "Senders are of d0.example and on.") var domains = 1
    @Option(help: "The protocol_state that the daemon counts at.") var state = "DATA"

    func run() throws {
        let end = Date(timeIntervalSinceNow: seconds)
        let total = Mutex(Measured())
        let start = Date()
        let group = DispatchGroup()
        for number in 0..<connections {
            group.enter()
            Thread {
                let measured = ask(connection: number, until: end)
                total.withLock { $0.add(measured) }
                group.leave()
            }.start()
        }
        group.wait()
        print(total.withLock { $0 }.json(seconds: Date().timeIntervalSince(start)))
    }

    private func ask(connection: Int, until end: Date) -> Measured {
        var measured = Measured()
        guard let socket = Connection(port: port) else {
            measured.broken += 1
            return measured
        }
        var number = 0
        while Date() < end {
            let before = ContinuousClock.now
            guard let action = socket.ask(request(connection, number)) else {
                measured.broken += 1
                break
            }
            measured.add(action, took: ContinuousClock.now - before)
            number += 1
        }
        return measured
    }

    /// Returns the request that Postfix 3.7 sends for a message of an authenticated client.
    private func request(_ connection: Int, _ number: Int) -> String {
        let domain = "d\((connection &* 7919 &+ number &* 104_729) % domains).example"
        return """
            request=smtpd_access_policy
            protocol_state=\(state)
            protocol_name=ESMTP
            client_address=192.0.2.\(connection)
            client_name=client.example
            client_port=50000
            reverse_client_name=client.example
            server_address=192.0.2.200
            server_port=587
            helo_name=client.example
            sender=news@\(domain)
            recipient=user@customer.example
            recipient_count=\(state == "RCPT" ? 0 : 1)
            queue_id=4F8D2A1C3B
            instance=\(ProcessInfo.processInfo.processIdentifier).\(connection).\(number)
            size=4096
            etrn_domain=
            stress=
            sasl_method=PLAIN
            sasl_username=user@\(domain)
            sasl_sender=
            ccert_subject=
            ccert_issuer=
            ccert_fingerprint=
            encryption_protocol=TLSv1.3
            encryption_cipher=TLS_AES_256_GCM_SHA384
            encryption_keysize=256
            policy_context=


            """
    }
}
