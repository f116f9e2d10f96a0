import AsyncHTTPClient
import JSON
import NIOCore
import NIOHTTP1

extension APIClient {
    /// Posts a file, without a time limit.
    ///
    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func upload(_ path: String, _ file: FileBody, type: String) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .POST
        request.headers.add(name: "Content-Type", value: type)
        request.body = .stream(file, length: file.length.map { .known($0) } ?? .unknown)
        return try await exchange(request, deadline: .distantFuture)
    }

    /// Sends a DELETE request.
    ///
    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func delete(_ path: String) async throws -> Answer {
        var request = HTTPClientRequest(url: url + path)
        request.method = .DELETE
        return try await exchange(request)
    }

    /// Gets an answer of any length, and passes it piece by piece to `handlePiece`.
    ///
    /// - Throws: ``CommandFailure`` for a refusal, and for an incomplete answer.
    func download(_ path: String, accept: String, _ handlePiece: (ByteBuffer) throws -> Void) async throws {
        var request = HTTPClientRequest(url: url + path)
        request.headers.add(name: "Authorization", value: "Bearer \(token)")
        request.headers.add(name: "Accept", value: accept)
        do {
            let response = try await HTTPClient.commands.execute(request, deadline: .distantFuture)
            guard response.status == .ok else { throw CommandFailure(try await answer(response).explanation) }
            for try await piece in response.body { try handlePiece(piece) }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure("Incomplete answer from \(url): \(error)")
        }
    }
}
