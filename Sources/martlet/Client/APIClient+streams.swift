import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1

extension APIClient {
    /// Sends a file, however long it takes.
    ///
    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func upload(_ path: String, _ file: FileBody, type: String) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.body = .stream(file, length: file.length.map { .known($0) } ?? .unknown)
        return try await exchange(request, deadline: .distantFuture)
    }

    func delete(_ path: String) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .DELETE
        return try await exchange(request)
    }

    /// Takes an answer piece by piece, however long it is.
    ///
    /// - Throws: ``CommandFailure`` for a refusal, and when the answer breaks off.
    func download(_ path: String, accept: String, _ take: (ByteBuffer) throws -> Void) async throws {
        var request = HTTPClientRequest(url: url + path)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        request.headers.add(name: "Accept", value: accept)
        do {
            let response = try await HTTPClient.commands.execute(request, deadline: .distantFuture)
            guard response.status == .ok else { throw CommandFailure(try await answer(response).explanation) }
            for try await piece in response.body { try take(piece) }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure("No whole answer from \(url): \(error)")
        }
    }
}
