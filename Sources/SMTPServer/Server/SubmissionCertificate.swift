import Glibc
package import Logging
package import NIOSSL
import Synchronization

/// The certificate and key of the server, read from files that are read again when they change.
///
/// Files that cannot be read any more, or do not belong together for a moment, leave the certificate of before in use.
package final class SubmissionCertificate: Sendable {
    private struct Stamp: Equatable {
        var device: UInt64
        var inode: UInt64
        var size: Int64
        var seconds: Int
        var nanoseconds: Int
    }

    private struct State {
        var context: NIOSSLContext
        var stamps: [Stamp?]
        var checkedAt: ContinuousClock.Instant
    }

    /// How often the files are looked at.
    private static let interval: Duration = .seconds(2)

    private let paths: (certificate: String, key: String)
    private let state: Mutex<State>
    private let logger: Logger

    /// Reads the files.
    ///
    /// - Parameters:
    ///   - certificate: the path of the certificate and those above it, in PEM.
    ///   - key: the path of its key, in PEM.
    /// - Throws: an error of TLS where they cannot be used.
    package init(certificate: String, key: String, logger: Logger) throws {
        paths = (certificate, key)
        self.logger = logger
        let stamps = [Self.stamp(certificate), Self.stamp(key)]
        state = Mutex(State(context: try Self.read(certificate, key), stamps: stamps, checkedAt: .now))
    }

    /// What new connections use.
    package var context: NIOSSLContext {
        readIfChanged(at: .now)
        return state.withLock { $0.context }
    }

    /// Reads the files again, whether or not they look changed.
    package func reload() {
        let stamps = [Self.stamp(paths.certificate), Self.stamp(paths.key)]
        do {
            let context = try Self.read(paths.certificate, paths.key)
            state.withLock { ($0.context, $0.stamps) = (context, stamps) }
            logger.notice("The certificate of submission was read", metadata: ["tls.certificate": "\(paths.certificate)"])
        } catch {
            state.withLock { $0.stamps = stamps }
            logger.error(
                "The certificate of submission cannot be used, the one of before stays in use",
                metadata: ["tls.certificate": "\(paths.certificate)", "error": "\(error)"])
        }
    }

    private func readIfChanged(at now: ContinuousClock.Instant) {
        let isDue = state.withLock { state in
            guard now - state.checkedAt >= Self.interval else { return false }
            state.checkedAt = now
            return true
        }
        guard isDue else { return }
        let stamps = [Self.stamp(paths.certificate), Self.stamp(paths.key)]
        if state.withLock({ $0.stamps != stamps }) { reload() }
    }

    private static func read(_ certificate: String, _ key: String) throws -> NIOSSLContext {
        let chain = try NIOSSLCertificate.fromPEMFile(certificate).map { NIOSSLCertificateSource.certificate($0) }
        var configuration = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain, privateKey: .privateKey(try NIOSSLPrivateKey(file: key, format: .pem)))
        configuration.minimumTLSVersion = .tlsv12
        return try NIOSSLContext(configuration: configuration)
    }

    private static func stamp(_ path: String) -> Stamp? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return Stamp(
            device: UInt64(status.st_dev), inode: UInt64(status.st_ino), size: Int64(status.st_size), seconds: status.st_mtim.tv_sec,
            nanoseconds: status.st_mtim.tv_nsec)
    }
}
