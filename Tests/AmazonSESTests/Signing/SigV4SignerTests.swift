import MailModel
import Testing

@testable import AmazonSES

/// Vectors of AWS's "Signature Version 4 test suite" (region us-east-1, service `service`, 2015-08-30T12:36:00Z).
///
/// Each was also computed with botocore 1.43.
struct SuiteVector: Sendable, CustomTestStringConvertible {
    let name: String
    var method = "GET"
    var path = "/"
    var query = ""
    var headers: [(name: String, value: String)] = []
    var body = ""
    var token: String?
    let signature: String
    var testDescription: String { name }
}

private let unreserved = "-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
private let vanilla = "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"
private let postVanilla = "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"
private let suiteToken =
    "AQoDYXdzEPT//////////wEXAMPLEtc764bNrC9SAPBSM22wDOk4x4HIZ8j4FZTwdQWLWsKWHGBuFqwAeMicRXmxfpSPfIeoIYRqTflfKD8YUuwthAx7mSEI/qkPpKPi/"
    + "kMcGdQrmGdeehM4IC1NtBmUpp2wUE8phUZampKsburEDy0KPkyQDYwT7WZ0wq5VSXDvp75YU9HFvlRd8Tx6q6fE8YQcHNVXAkiY9q6d+xo0rKwT38xVqr7ZD0u0iPPkUL64"
    + "lIZbqBAz+scqKmlzm8FDrypNC9Yjc8fPOLn9FX9KSYvKTr4rvx3iSIlTJabIQwj2ICCR/oLxBA=="

extension SuiteVector {
    /// All vectors.
    static var all: [SuiteVector] { suite }
}

private let suite: [SuiteVector] = [
    .init(name: "get-vanilla", signature: vanilla),
    .init(name: "get-unreserved", path: "/" + unreserved, signature: "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"),
    .init(name: "get-utf8", path: "/\u{1234}", signature: "8318018e0b0f223aa2bbf98705b62bb787dc9c0e678f255a891fd03141be5d85"),
    .init(name: "get-space", path: "/example space/", signature: "652487583200325589f1fba4c7e578f72c47cb61beeca81406b39ddec1366741"),
    .init(
        name: "get-vanilla-empty-query-key", query: "Param1=value1",
        signature: "a67d582fa61cc504c4bae71f336f98b97f1ea3c7a6bfe1b6e45aec72011b9aeb"),
    .init(
        name: "get-vanilla-query-order-key", query: "Param1=value2&Param1=Value1",
        signature: "eedbc4e291e521cf13422ffca22be7d2eb8146eecf653089df300a15b2382bd1"),
    .init(
        name: "get-vanilla-query-order-value", query: "Param1=value2&Param1=value1",
        signature: "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"),
    .init(
        name: "get-vanilla-query-order-key-case", query: "Param2=value2&Param1=value1",
        signature: "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"),
    .init(
        name: "get-vanilla-query-unreserved", query: unreserved + "=" + unreserved,
        signature: "9c3e54bfcdf0b19771a7f523ee5669cdf59bc7cc0884027167c21bb143a40197"),
    .init(
        name: "get-vanilla-utf8-query", query: "%E1%88%B4=bar",
        signature: "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"),
    .init(
        name: "get-header-key-duplicate", headers: [("My-Header1", "value2"), ("My-Header1", "value2"), ("My-Header1", "value1")],
        signature: "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"),
    .init(
        name: "get-header-value-order",
        headers: [("My-Header1", "value4"), ("My-Header1", "value1"), ("My-Header1", "value3"), ("My-Header1", "value2")],
        signature: "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"),
    .init(
        name: "get-header-value-trim", headers: [("My-Header1", " value1"), ("My-Header2", " \"a   b   c\"")],
        signature: "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"),
    .init(name: "get-slash", path: "//", signature: vanilla),
    .init(name: "get-slash-dot-slash", path: "/./", signature: vanilla),
    .init(name: "get-relative", path: "/example/..", signature: vanilla),
    .init(name: "get-relative-relative", path: "/example1/example2/../..", signature: vanilla),
    .init(
        name: "get-slash-pointless-dot", path: "/./example", signature: "ef75d96142cf21edca26f06005da7988e4f8dc83a165a80865db7089db637ec5"),
    .init(name: "get-slashes", path: "//example//", signature: "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"),
    .init(name: "post-vanilla", method: "POST", signature: postVanilla),
    .init(
        name: "post-vanilla-query", method: "POST", query: "Param1=value1",
        signature: "28038455d6de14eafc1f9222cf5aa6f1a96197d7deb8263271d420d138af7f11"),
    .init(
        name: "post-header-key-sort", method: "POST", headers: [("My-Header1", "value1")],
        signature: "c5410059b04c1ee005303aed430f6e6645f61f4dc9e1461ec8f8916fdf18852c"),
    .init(
        name: "post-header-value-case", method: "POST", headers: [("My-Header1", "VALUE1")],
        signature: "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"),
    .init(name: "post-sts-header-after", method: "POST", signature: postVanilla),
    .init(
        name: "post-sts-header-before", method: "POST", token: suiteToken,
        signature: "85d96828115b5dc0cfc3bd16ad9e210dd772bbebba041836c64533a82be05ead"),
    .init(
        name: "post-x-www-form-urlencoded", method: "POST", headers: [("Content-Type", "application/x-www-form-urlencoded")],
        body: "Param1=value1",
        signature: "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"),
    .init(
        name: "post-x-www-form-urlencoded-parameters", method: "POST",
        headers: [("Content-Type", "application/x-www-form-urlencoded; charset=utf8")], body: "Param1=value1",
        signature: "1a72ec8f64bd914b0e42e42607c7fbce7fb2c7465f63e3092b3b0d39fa77a6fe"),
]

struct SigV4SignerTests {
    @Test(arguments: suite) func `signs like AWS's test suite`(_ vector: SuiteVector) {
        let time = Timestamp.at("2015-08-30T12:36:00Z")
        var credentials = exampleCredentials
        credentials.sessionToken = vector.token
        let key = SigningKey(credentials: credentials, day: time.day, region: "us-east-1", service: "service")
        let request = SigV4Request(
            method: vector.method, path: vector.path, query: vector.query, headers: [("Host", "example.amazonaws.com")] + vector.headers,
            body: Array(vector.body.utf8))
        let added = SigV4Signer.headers(signing: request, with: key, at: time)
        #expect(added.last?.name == "Authorization")
        #expect(added.last?.value.hasSuffix("Signature=" + vector.signature) == true)
    }

    /// Computed with botocore 1.43.11 (`SigV4Auth`, service `ses`) from the same credentials.
    @Test(arguments: [
        (
            "us-east-1", "email.us-east-1.amazonaws.com", "Action=GetSendQuota&Version=2010-12-01", String?.none, "2026-01-01T00:00:00Z",
            "20260101/us-east-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=fb782d9f09e65f146ea603d8ee6b64dbdce32861a9e533cd551ba0fc66c30c4e"
        ),
        (
            "eu-west-1", "email.eu-west-1.amazonaws.com", sendForm, nil, "2026-11-21T23:59:59Z",
            "20261121/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=7dd2d1dd1c344e3ad696ec19a6f9d0af2af685907d49260eeb40e7633987e5e8"
        ),
        (
            "eu-west-1", "email.eu-west-1.amazonaws.com", sendForm, "token/with+signs==", "2028-02-29T12:00:01Z",
            "20280229/eu-west-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature=bc32008c74aaa5594c9c326fa8c9117aaba54738551c6c37ccf1d5bce7bbd301"
        ),
        (
            "us-east-1", "127.0.0.1:5000", "Action=GetSendQuota&Version=2010-12-01", nil, "2026-12-31T23:59:59Z",
            "20261231/us-east-1/ses/aws4_request, SignedHeaders=content-type;host;x-amz-date, Signature=ab0c32cb66750a1005179e251cac5dbf313a42c7c4de8255f178dbcae96089d0"
        ),
    ])
    func `signs calls of SES like botocore`(
        _ region: String, _ host: String, _ body: String, _ token: String?, _ time: String, _ authorization: String
    ) {
        var credentials = exampleCredentials
        credentials.sessionToken = token
        let time = Timestamp.at(time)
        let key = SigningKey(credentials: credentials, day: time.day, region: region, service: "ses")
        let headers = [(name: "Host", value: host), (name: "Content-Type", value: "application/x-www-form-urlencoded; charset=utf-8")]
        let request = SigV4Request(method: "POST", path: "/", query: "", headers: headers, body: Array(body.utf8))
        let added = SigV4Signer.headers(signing: request, with: key, at: time)
        #expect(added.last?.value == "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/" + authorization)
        #expect(added.contains { $0.name == "X-Amz-Security-Token" } == (token != nil))
    }
}

private let sendForm = "Action=SendRawEmail&Version=2010-12-01&Source=a%40example.com&RawMessage.Data=SGVsbG8%3D"
