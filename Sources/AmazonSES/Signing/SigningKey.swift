import Crypto
import MailModel

/// The key that signs requests of one day, region and service. Deriving it takes four HMACs, so it is kept for the day.
struct SigningKey: Sendable {
    let credentials: AWSCredentials
    let day: CalendarDay
    /// `20150830/us-east-1/ses/aws4_request`.
    let scope: String
    private let key: SymmetricKey

    init(credentials: AWSCredentials, day: CalendarDay, region: String, service: String) {
        self.credentials = credentials
        self.day = day
        let parts = [day.amazonDate, region, service, "aws4_request"]
        scope = parts.joined(separator: "/")
        key = parts.reduce(SymmetricKey(data: Array("AWS4\(credentials.secretAccessKey)".utf8))) { key, part in
            SymmetricKey(data: HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key))
        }
    }

    func signature(of stringToSign: String) -> String {
        hexadecimal(HMAC<SHA256>.authenticationCode(for: Array(stringToSign.utf8), using: key))
    }
}
