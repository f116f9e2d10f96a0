import Glibc
import NIOCore
import NIOPosix
import NIOSSL

extension SMTPFailure {
    /// What the network or TLS said where no session came about; `nil` for other errors.
    init?(connecting error: any Error) {
        switch error {
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(.closedToUs, "TLS failed: the certificate is not valid for the name, or there is no common version")
        case ChannelError.connectTimeout: self.init(.transient, "no connection within the time allowed")
        case let error as NIOConnectionError:
            let first = error.connectionErrors.first?.error ?? error.dnsAError ?? error.dnsAAAAError
            self = first.flatMap { SMTPFailure(connecting: $0) } ?? SMTPFailure(.transient, "\(error.host) cannot be reached")
        case let error as IOError: self.init(.transient, String(cString: strerror(error.errnoCode)))
        default: return nil
        }
    }
}
