import Glibc

/// The CA certificates of the machine, against which the certificates of HTTPS servers and mail relays are verified.
package struct CACertificates: Sendable {
    /// The certificates in the places where swift-nio-ssl looks for them on Linux.
    package static let system = CACertificates(
        // Debian, Ubuntu, Arch, Alpine; Fedora.
        files: ["/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt"], folder: "/etc/ssl/certs")

    private let files: [String]
    private let folder: String

    /// Creates a description of the places.
    ///
    /// - Parameters:
    ///   - files: bundles, of which the first that exists is read.
    ///   - folder: a folder of certificates by the hashes of their names, as `c_rehash` creates it.
    init(files: [String], folder: String) {
        self.files = files
        self.folder = folder
    }

    /// The advice to an operator whose machine has none.
    package static let advice =
        "install the package ca-certificates (Debian, Ubuntu: apt-get install ca-certificates; Fedora: dnf install ca-certificates; Alpine: apk add ca-certificates) and start again"

    /// Whether there is no certificate, so that no server can be verified.
    package var areMissing: Bool {
        if let bundle = files.first(where: PrivateFiles.exists) { return !isBundle(bundle) }
        return !hasHashedCertificates
    }

    private func isBundle(_ path: String) -> Bool {
        guard let content = try? PrivateFiles.read(path, isSecret: false) else { return false }
        return String(decoding: content, as: UTF8.self).contains("-----BEGIN CERTIFICATE-----")
    }

    /// Whether the folder has a file such as `607986c7.0`.
    private var hasHashedCertificates: Bool {
        guard let stream = opendir(folder) else { return false }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            let parts = name.split(separator: ".", omittingEmptySubsequences: false)
            if parts.count == 2, parts[0].count == 8, parts[0].allSatisfy(\.isHexDigit), Int(parts[1]) != nil { return true }
        }
        return false
    }
}
