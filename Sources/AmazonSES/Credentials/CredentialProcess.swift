import Dispatch
import Foundation
import Glibc
import JSON
import MailModel

/// A program that prints credentials (AWS SDKs and Tools reference guide, "Process credential provider").
///
/// Its output is bounded in size and time. What it writes to its standard error is dropped, as it may have secrets in it.
enum CredentialProcess {
    /// How long it may take.
    static let timeout = Duration.seconds(30)
    private static let maximumOutput = 64 << 10

    /// Runs a command line by the shell, as AWS's own tools do, and returns the credentials that it prints.
    static func credentials(
        of command: String, _ profile: String, timeout: Duration = CredentialProcess.timeout
    ) async throws(CredentialsError) -> AWSCredentials {
        // A thread of its own, because reading from the program blocks.
        let result: Result<[UInt8], Failure> = await withCheckedContinuation { continuation in
            DispatchQueue.global().async { continuation.resume(returning: output(of: command, within: timeout)) }
        }
        switch result {
        case .failure(let failure): throw CredentialsError("AWS profile \(profile): credential_process \(failure.reason)")
        case .success(let output):
            guard let credentials = AWSCredentials(ofProcess: output) else {
                throw CredentialsError("AWS profile \(profile): credential_process printed no credentials of version 1")
            }
            return credentials
        }
    }

    private struct Failure: Error {
        var reason: String
    }

    private static func output(of command: String, within timeout: Duration) -> Result<[UInt8], Failure> {
        let process = Process()
        let pipe = Pipe()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = pipe
        process.standardError = FileHandle.nullDevice
        do { try process.run() } catch { return .failure(Failure(reason: "could not be started")) }
        // The other end is the program's alone from now on, so that its end is seen.
        try? pipe.fileHandleForWriting.close()
        guard let output = read(pipe.fileHandleForReading.fileDescriptor, until: .now + timeout) else {
            process.terminate()
            let reason = "took longer than \(timeout.components.seconds) s, or printed more than \(maximumOutput) bytes"
            return .failure(Failure(reason: reason))
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { return .failure(Failure(reason: "ended with \(process.terminationStatus)")) }
        return .success(output)
    }

    /// Reads all that comes; `nil` where that does not end in time, or is too much.
    private static func read(_ descriptor: CInt, until end: ContinuousClock.Instant) -> [UInt8]? {
        var output: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: 4096)
        while output.count <= maximumOutput {
            let left = (end - .now) / .milliseconds(1)
            guard left > 0 else { return nil }
            var polled = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&polled, 1, CInt(min(left + 1, 60_000))) >= 0 || errno == EINTR else { return nil }
            guard polled.revents != 0 else { continue }
            let count = Glibc.read(descriptor, &piece, piece.count)
            if count == 0 { return output }
            guard count > 0 || errno == EINTR else { return nil }
            output += piece.prefix(max(0, count))
        }
        return nil
    }
}

extension AWSCredentials {
    /// Parses what a program prints: `Version` 1, `AccessKeyId`, `SecretAccessKey`, and of temporary ones `SessionToken` and `Expiration`.
    fileprivate init?(ofProcess output: [UInt8]) {
        guard let document = (try? JSONValue.parseLeniently(output))?.objectValue, document["Version"]?.integerValue == 1,
            let id = document["AccessKeyId"]?.stringValue, let secret = document["SecretAccessKey"]?.stringValue
        else { return nil }
        self.init(accessKeyID: id, secretAccessKey: secret, sessionToken: document["SessionToken"]?.stringValue)
        if let end = document["Expiration"]?.stringValue {
            guard let time = Timestamp(rfc3339: end) else { return nil }
            expiresAt = time
        }
    }
}
