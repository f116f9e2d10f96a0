import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why a relay did not accept a message.
package struct SMTPFailure: Error, Equatable {
    /// What follows from a failure.
    package enum Consequence: Sendable, Equatable {
        /// Certainly not accepted; may be tried again.
        case transient
        /// Certainly not accepted, and never will be, because of this message.
        case permanent
        /// The relay accepts no message from this client until an operator acts: no TLS, a wrong password, no access.
        case closedToUs
        /// Perhaps accepted: the connection broke after the whole message was sent.
        case unknown
    }

    /// What follows from the failure.
    package var consequence: Consequence
    /// The relay's reply, or what happened where there was none.
    package var explanation: String

    /// Creates a failure.
    package init(_ consequence: Consequence, _ explanation: String) {
        self.consequence = consequence
        self.explanation = explanation
    }
}

extension SMTPFailure {
    /// The failure for an error of the network or of TLS before a session began; `nil` for other errors.
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
