import Concurrency
import Hummingbird
import MailModel
import TestSupport
import Testing

@testable import Access
@testable import SESAPI

@Suite(.timeLimit(.minutes(1)))
struct SignatureTests {
    @Test func `who has not signed is refused in AWS's codes`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey()
            let calls: [(HTTPRequest.Method, String, String?)] = [
                (.post, "/", "Action=GetSendQuota&Version=2010-12-01"), (.get, "/v2/email/account", nil),
            ]
            for (method, uri, body) in calls {
                func send(_ key: AccessKey?, _ headers: HTTPFields = [:]) async throws -> SESAnswer {
                    try await ses.send(method, uri, body: body, type: "application/x-www-form-urlencoded", with: key, headers: headers)
                }
                let unsigned = try await send(nil)
                #expect(unsigned.code == "MissingAuthenticationToken")
                #expect(unsigned.status == 403)
                #expect(unsigned.requestID?.isEmpty == false)
                let bearer = try await send(nil, [.authorization: "Bearer master-token-of-the-test"])
                #expect(bearer.code == "MissingAuthenticationToken")
                let incomplete = try await send(nil, [.authorization: "AWS4-HMAC-SHA256 Credential=x"])
                #expect(incomplete.code == "IncompleteSignature")
                let wrong = try await send(AccessKey(id: key.id, secret: "wrong"))
                #expect(wrong.code == "SignatureDoesNotMatch")
                #expect(wrong.status == 403)
                let unknown = try await send(AccessKey(id: "MKIAAAAAAAAAAAAAAAAA", secret: key.secret))
                #expect(unknown.code == "InvalidClientTokenId")
                #expect(unknown.status == 403)
                let chunked = try await send(key, [.contentEncoding: "aws-chunked"])
                #expect(chunked.code == "IncompleteSignature")
                #expect(try await send(key).status == 200)
            }
            let later = ses.clock.now
            let quota = try await ses.query("GetSendQuota", with: key)
            #expect(quota.status == 200, "\(quota.text) \(later)")
        }
    }

    @Test func `failures are throttled`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey()
            let wrong = AccessKey(id: key.id, secret: "wrong")
            for _ in 1...10 { #expect(try await ses.query("GetSendQuota", with: wrong).code == "SignatureDoesNotMatch") }
            let first = try await ses.query("GetSendQuota", with: wrong)
            #expect(first.code == "Throttling")
            #expect(first.status == 429)
            #expect(first.headers[.retryAfter] != nil)
            let second = try await ses.rest(.get, "/account", with: key)
            #expect(second.code == "TooManyRequestsException")
            #expect(second.status == 429)
        }
    }

    @Test func `a body is bounded before anything is known of it`() async throws {
        try await withSES(largestBody: 1000) { ses in
            let answer = try await ses.send(.post, "/", body: String(repeating: "a", count: 1001), type: "text/plain", with: nil)
            #expect(answer.status == 413)
            #expect(answer.code == "RequestEntityTooLarge")
        }
        try await withSES(memory: MemoryBudget(bytes: 4096)) { ses in
            let answer = try await ses.send(.post, "/", body: String(repeating: "a", count: 4000), type: "text/plain", with: nil)
            #expect(answer.status == 503)
            #expect(answer.code == "ServiceUnavailable")
            #expect(answer.headers[.retryAfter] == "1")
        }
    }

    @Test func `what is no call of version 2`() async throws {
        try await withSES { ses in
            let key = try await ses.makeKey()
            for (method, path) in [(HTTPRequest.Method.get, "/contact-lists"), (.post, "/account"), (.put, "/identities")] {
                let answer = try await ses.rest(method, path, with: key)
                #expect(answer.status == 404)
                #expect(answer.code == "UnknownOperationException")
            }
        }
    }

    /// Every call asks the table of rights: a key without the scope is refused, one with it is not.
    @Test func `every call needs its rights`() async throws {
        try await withSES { ses in
            var keys: [Scope: AccessKey] = [:]
            for scope in Scope.allCases { keys[scope] = try await ses.makeKey(scopes: [scope]) }
            #expect(ses.routes.queryOperations.allSatisfy { !$0.actions.isEmpty })
            #expect(ses.routes.restOperations.allSatisfy { !$0.actions.isEmpty })
            let names = ses.routes.queryOperations.map(\.name)
            #expect(Set(names).count == names.count)
            for (scope, key) in keys {
                for operation in ses.routes.queryOperations {
                    let answer = try await ses.query(operation.name, with: key)
                    let mayCall = operation.actions.allSatisfy { $0.scope == scope }
                    #expect((answer.code == "AccessDenied") == !mayCall, "\(operation.name) \(scope): \(answer.text)")
                    if !mayCall { #expect(answer.status == 403) }
                }
                for operation in ses.routes.restOperations {
                    let path = operation.path.replacing("{EmailIdentity}", with: "x.example").replacing(
                        "{EmailAddress}", with: "x%40y.example")
                    let method = try #require(HTTPRequest.Method(operation.method.rawValue))
                    let answer = try await ses.rest(method, path, method == .get || method == .delete ? nil : "{}", with: key)
                    let mayCall = operation.actions.allSatisfy { $0.scope == scope }
                    #expect((answer.code == "AccessDeniedException") == !mayCall, "\(operation.name) \(scope): \(answer.text)")
                }
            }
        }
    }
}
