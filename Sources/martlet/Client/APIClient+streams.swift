import AsyncHTTPClient
import JSON
import MartletClient
import NIOCore
import NIOHTTP1

extension APIClient {
    /// Posts a file, without a time limit.
    ///
    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func upload(_ path: String, _ file: FileBody, type: String) async throws -> Answer {
        var request = ClientRequest(.POST, path, body: .stream(.stream(file, length: file.length.map { .known($0) } ?? .unknown)))
        request.headers.add(name: "Content-Type", value: type)
        request.timeout = nil
        return try await exchange(request)
    }

    /// Sends a DELETE request.
    ///
    /// - Throws: ``CommandFailure`` when no answer comes; a refusal is an answer.
    func delete(_ path: String) async throws -> Answer {
        try await exchange(ClientRequest(.DELETE, path))
    }

    /// Gets an answer of any length, and passes it piece by piece to `handlePiece`.
    ///
    /// - Throws: ``CommandFailure`` for a refusal, and for an incomplete answer.
    func download(_ path: String, accept: String, _ handlePiece: (ByteBuffer) throws -> Void) async throws {
        var request = ClientRequest(.GET, path)
        request.headers.add(name: "Accept", value: accept)
        request.timeout = nil
        do {
            let response = try await server.open(request)
            guard response.status == .ok else {
                let refusal = try await MartletAPI.collected(response)
                throw CommandFailure(Answer(refusal).explanation)
            }
            for try await piece in response.body { try handlePiece(piece) }
        } catch let error as CommandFailure {
            throw error
        } catch {
            throw CommandFailure("Incomplete answer from \(url): \(error)")
        }
    }
}
