import MailModel
import Synchronization

/// Signs requests to one service in one region, with the credentials of the moment.
///
/// The key is derived once a day and whenever the credentials change.
final class RequestSigner: Sendable {
    private let credentials: any CredentialsProvider
    private let region: String
    private let service: String
    private let clock: @Sendable () -> Timestamp
    private let key = Mutex<SigningKey?>(nil)

    /// - Parameters:
    ///   - service: AWS's name of the service in the scope of a signature, such as `ses`.
    ///   - clock: the time that requests are signed with. AWS refuses a signature that is off by more than five minutes.
    init(credentials: any CredentialsProvider, region: String, service: String, clock: @escaping @Sendable () -> Timestamp) {
        self.credentials = credentials
        self.region = region
        self.service = service
        self.clock = clock
    }

    /// Returns the request with its signature, which covers the `Host` header and the given ones.
    func signed(
        _ method: String, _ url: WebURL, headers given: [(name: String, value: String)], _ body: [UInt8]
    ) async throws(CredentialsError) -> OutgoingRequest {
        let now = clock()
        var headers = [(name: "Host", value: url.authority)] + given
        let request = SigV4Request(method: method, path: url.path, query: "", headers: headers, body: body)
        headers += SigV4Signer.headers(signing: request, with: try await key(for: now.day), at: now)
        return OutgoingRequest(method: method, url: url.description, headers: headers, body: body)
    }

    private func key(for day: CalendarDay) async throws(CredentialsError) -> SigningKey {
        let credentials = try await credentials.credentials()
        return key.withLock { cached in
            if let key = cached, key.day == day, key.credentials == credentials { return key }
            let key = SigningKey(credentials: credentials, day: day, region: region, service: service)
            cached = key
            return key
        }
    }
}
