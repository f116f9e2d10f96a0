import ArgumentParser
import AsyncHTTPClient
import NIOCore
import NIOHTTP1
import Runtime

/// The health check of a server, for supervisors that can run a command but make no HTTP request, such as Docker.
struct HealthCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "health", abstract: "Ask the running server with these settings whether it is ready.",
        discussion: "For health checks of containers: exit code 0 when /readyz answers 200 within five seconds, 1 otherwise.")

    private static let longestAnswer = 64 * 1024

    @OptionGroup var configuration: ConfigurationOptions

    func run() async throws {
        let url = try configuration.settings().localURL + "/readyz"
        let (isReady, text) = try await answer(of: url)
        guard isReady else { throw CommandFailure("\(url): \(text)") }
        Output.write(text.hasSuffix("\n") ? text : text + "\n")
    }

    private func answer(of url: String) async throws -> (isReady: Bool, text: String) {
        do {
            let response = try await HTTPClient.commands.execute(HTTPClientRequest(url: url), timeout: .seconds(5))
            let body = try await response.body.collect(upTo: Self.longestAnswer)
            return (response.status == .ok, String(buffer: body))
        } catch {
            throw CommandFailure("No answer from \(url): \(error)")
        }
    }
}
