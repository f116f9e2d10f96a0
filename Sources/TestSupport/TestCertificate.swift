import Crypto
import Foundation
package import NIOSSL
import SwiftASN1
import X509

/// A self-signed certificate for one name, and the configurations of both sides of a TLS connection with it.
package struct TestCertificate {
    private let certificate: NIOSSLCertificate
    private let key: NIOSSLPrivateKey

    /// Creates a certificate with a key of its own, valid for two hours around now.
    package init(name: String) throws {
        let key = Certificate.PrivateKey(P256.Signing.PrivateKey())
        let subject = try DistinguishedName { CommonName(name) }
        let certificate = try Certificate(
            version: .v3, serialNumber: .init(), publicKey: key.publicKey, notValidBefore: Date.now - 3600, notValidAfter: Date.now + 3600,
            issuer: subject, subject: subject, signatureAlgorithm: .ecdsaWithSHA256,
            extensions: try Certificate.Extensions { SubjectAlternativeNames([.dnsName(name)]) }, issuerPrivateKey: key)
        self.certificate = try NIOSSLCertificate(bytes: Array(certificate.serializeAsPEM().pemString.utf8), format: .pem)
        self.key = try NIOSSLPrivateKey(bytes: Array(key.serializeAsPEM().pemString.utf8), format: .pem)
    }

    /// A server that presents this certificate.
    package var server: NIOSSLContext {
        get throws {
            try NIOSSLContext(
                configuration: .makeServerConfiguration(certificateChain: [.certificate(certificate)], privateKey: .privateKey(key)))
        }
    }

    /// A client that trusts this certificate and no other.
    package var client: TLSConfiguration {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.trustRoots = .certificates([certificate])
        return configuration
    }
}
