import AmazonSES
import Glibc
import SMTP

/// A check of what a server needs from its machine beside the settings: AWS's variables, CA certificates, writable files.
///
/// `check-config`, `doctor` and the start of `serve` run the same list.
package struct MachineCheck: Sendable {
    /// The outcome of a check, with a sentence for people.
    package enum Outcome: Sendable, Equatable {
        /// All is as it should be.
        case well(String)
        /// The server starts, with a limitation.
        case notice(String)
        /// The server cannot work on this machine.
        case wrong(String)
        /// AWS's variables are malformed or missing: a fault of the configuration.
        case misconfigured(String)
    }

    /// A check and its outcome.
    package struct Result: Sendable, Equatable {
        /// The name of the check, such as `ca certificates`.
        package var check: String
        /// The outcome.
        package var outcome: Outcome
    }

    let name: String
    /// Returns `nil` where these settings need nothing of the kind.
    let examine: @Sendable (Settings, [String: String]) -> Outcome?

    /// All checks, in the order in which results are shown.
    static let all = [aws, certificates(.system), database, masterToken]

    /// Runs all checks, which change nothing.
    ///
    /// - Parameter environment: the environment of the process, with what a file adds to it.
    /// - Returns: the results of the checks that these settings need.
    package static func results(_ settings: Settings, environment: [String: String]) -> [Result] {
        all.compactMap { check in check.examine(settings, environment).map { Result(check: check.name, outcome: $0) } }
    }

    static let aws = MachineCheck(name: "aws") { settings, environment in
        guard settings.transport == .ses else { return nil }
        do {
            let aws = try AWSConfiguration(environment: environment)
            return .well("region \(aws.region), \(aws.sesEndpoint)")
        } catch {
            return .misconfigured("\(error)")
        }
    }

    /// Without any certificate `ses` and an encrypted relay cannot work; with the other transports only some callbacks and SNS cannot.
    static func certificates(_ certificates: CACertificates) -> MachineCheck {
        MachineCheck(name: "ca certificates") { settings, environment in
            guard certificates.areMissing else { return .well("are installed") }
            let missing = "This machine has no CA certificates, against which"
            guard let server = verifiedServer(of: settings, environment) else {
                return .notice(
                    "\(missing) https URLs of callbacks and the signatures of SNS would be verified: both will fail. To use them, \(CACertificates.advice)"
                )
            }
            return .wrong("\(missing) \(server) has to be verified: \(CACertificates.advice)")
        }
    }

    /// The server that emails are handed to, where its certificate is verified; `nil` where none is.
    private static func verifiedServer(of settings: Settings, _ environment: [String: String]) -> String? {
        switch settings.transport {
        case .capture: nil
        case .ses:
            (try? AWSConfiguration(environment: environment))?.sesEndpoint.hasPrefix("https:") == true ? "Amazon SES" : nil
        case .smtp: settings.smtp.flatMap { $0.security == .none ? nil : "the relay \($0.host)" }
        }
    }

    static let database = MachineCheck(name: "database file") { settings, _ in
        guard case .sqlite(let path) = settings.database else { return nil }
        guard PrivateFiles.exists(path) else {
            return unwritableFolder(of: path).map { .wrong("\(path) cannot be made: \($0)") }
        }
        guard access(path, R_OK | W_OK) == 0 else { return .wrong("\(path): \(String(cString: strerror(errno)))") }
        if let folder = unwritableFolder(of: path) { return .wrong("\(path) needs files beside it: \(folder)") }
        guard PrivateFiles.isPrivate(path) else {
            return .notice(
                "\(path) can be read by other users: the server makes it private when it opens it, if the file is its own; otherwise: chmod 600 \(path)*"
            )
        }
        return nil
    }

    static let masterToken = MachineCheck(name: "master token") { settings, _ in
        do {
            _ = try MasterToken.existing(settings)
            return nil
        } catch {
            return .wrong("\(error)")
        }
    }

    /// The reason why no file can be created at a path: its folder, or the nearest existing one above it, cannot be written.
    private static func unwritableFolder(of path: String) -> String? {
        var folder = PrivateFiles.folder(of: path)
        while !PrivateFiles.exists(folder), folder != "/", folder != "." { folder = PrivateFiles.folder(of: folder) }
        // `/.` fails for a file.
        guard access(folder + "/.", W_OK | X_OK) != 0 else { return nil }
        return "\(folder): \(String(cString: strerror(errno)))"
    }
}
