import Glibc
import NIOCore
import NIOPosix
import NIOSSL

/// Why an attempt got no answer.
///
/// The text is listed with the attempt, for the customer; it contains no part of the URL.
struct CallbackFailure: Error, Equatable {
    enum Kind: Equatable {
        /// A later attempt can succeed.
        case transient
        /// No attempt can succeed while the URL and the settings stay as they are.
        case refused
        /// This node stopped before there was an answer.
        case abandoned
    }

    var kind: Kind
    var explanation: String

    init(_ kind: Kind, _ explanation: String) {
        self.kind = kind
        self.explanation = explanation
    }

    static let timedOut = CallbackFailure(.transient, "no answer within the time")
    static let abandoned = CallbackFailure(.abandoned, "the node stopped")
    static let noCACertificates = CallbackFailure(.transient, "the machine has no CA certificates to verify the receiver with")

    /// Explains an error of the network without naming addresses.
    init(_ error: any Error) {
        switch error {
        case let error as CallbackFailure: self = error
        case ChannelError.connectTimeout: self = .timedOut
        case let error as NIOConnectionError:
            self = (error.connectionErrors.first?.error).map(CallbackFailure.init) ?? Self(.transient, "no connection")
        case let error as IOError: self.init(.transient, String(cString: strerror(error.errnoCode)))
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError:
            self.init(.transient, "TLS failed: the certificate is not valid for the name, or there is no common version")
        default: self.init(.transient, "the connection failed (\(type(of: error)))")
        }
    }
}
