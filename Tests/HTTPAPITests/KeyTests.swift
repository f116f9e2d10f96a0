import Hummingbird
import JSON
import MailModel
import Storage
import TestSupport
import Testing
import Web

@Suite(.timeLimit(.minutes(1)))
struct KeyTests {
    @Test func lifeOfAKey() async throws {
        try await withAPI { api in
            let created = try await api.send(
                .post, "/api-keys",
                body: #"{"partner_ref": "acme", "name": "Ann", "scopes": ["send", "read"], "expires_at": "2026-06-16T00:00:00+02:00"}"#)
            #expect(created.status == 201)
            #expect(created.headers[.cacheControl] == "no-store")
            let names = [
                "id", "token", "partner_ref", "name", "scopes", "domains", "allowed_ips", "rate_limit", "active", "expires_at",
                "created_at",
                "last_used_at", "previous_token_expires_at",
            ]
            #expect(created.object.names == names)
            let id = created.object["id"]?.integerValue ?? 0
            let token = created.object["token"]?.stringValue ?? ""
            #expect(try await api.send(.get, "/domains", token: token).status == 200)
            #expect(try await api.send(.post, "/domains", token: token, body: "{}").status == 403)
            let listed = try await api.send(.get, "/api-keys")
            #expect(!listed.text.contains(token))
            var expected = created.object
            expected["token"] = nil
            #expect(listed.json?.arrayValue == [.object(expected)])
            let changed = try await api.send(.put, "/api-keys/\(id)", body: #"{"name": "Bob", "scopes": ["manage"], "expires_at": null}"#)
            #expect(
                changed.text == """
                    {"id":\(id),"partner_ref":"acme","name":"Bob","scopes":["manage"],"domains":null,"allowed_ips":null,"rate_limit":null,\
                    "active":true,"expires_at":null,"created_at":"2026-06-15T12:00:00.000Z","last_used_at":null,\
                    "previous_token_expires_at":null}
                    """)
            #expect(try await api.send(.get, "/domains", token: token).status == 403)
            #expect(try await api.send(.delete, "/api-keys/\(id)").status == 204)
            #expect(try await api.send(.get, "/domains", token: token).detail == "Invalid API key")
        }
    }

    @Test func `an access key is answered once`() async throws {
        try await withAPI { api in
            let created = try await api.send(.post, "/api-keys", body: #"{"partner_ref": "acme", "aws": true}"#)
            #expect(created.status == 201)
            let id = try #require(created.object["aws_access_key_id"]?.stringValue)
            let secret = try #require(created.object["aws_secret_access_key"]?.stringValue)
            let listed = try await api.send(.get, "/api-keys")
            #expect(listed.text.contains(id))
            #expect(!listed.text.contains(secret))
            let key = created.object["id"]?.integerValue ?? 0
            let rotated = try await api.send(.post, "/api-keys/\(key)/rotate", body: "{}")
            #expect(rotated.status == 200)
            #expect(rotated.object["aws_access_key_id"]?.stringValue != id)
            #expect(rotated.object["aws_secret_access_key"]?.stringValue?.utf8.count == 40)
            // The id is no token, and neither is the secret.
            for token in [id, secret] { #expect(try await api.send(.get, "/domains", token: token).status == 401) }
            #expect(!api.log.lines.contains { "\($0)".contains(secret) })
        }
    }

    @Test(arguments: [
        (#"{}"#, "partner_ref: missing"), (#"{"partner_ref": 1}"#, "partner_ref: expected a string, found 1"),
        (#"{"partner_ref": ""}"#, "partner_ref"), (#"{"partner_ref": "a", "scopes": ["admin"]}"#, "scopes: expected a non-empty array of"),
        (#"{"partner_ref": "a", "scopes": []}"#, "scopes: expected"), (#"{"partner_ref": "a", "scopes": "send"}"#, "scopes: expected"),
        (#"{"partner_ref": "a", "expires_at": "tomorrow"}"#, #"expires_at: expected an RFC 3339 time or null, found "tomorrow""#),
        (#"{"partner_ref": "a", "expires_at": "2026-06-15T12:00:00Z"}"#, "expires_at: must be a time in the future"),
        (#"{"partner_ref": "a", "token": "mine"}"#, "token: unknown field"), (#"{"partner_ref": "a", "active": "yes"}"#, "active"),
        (#"{"partner_ref": "a", "domains": []}"#, "domains: expected a non-empty array of domain names, or null"),
        (#"{"partner_ref": "a", "domains": "a.example"}"#, "domains: expected"),
        (#"{"partner_ref": "a", "domains": ["-"]}"#, "domains[0]: "),
        (#"{"partner_ref": "a", "allowed_ips": []}"#, "allowed_ips: expected"),
        (#"{"partner_ref": "a", "allowed_ips": ["10.0.0.1/8"]}"#, "allowed_ips[0]: expected an address or a network"),
        (#"{"partner_ref": "a", "allowed_ips": ["10.0.0.1", "localhost"]}"#, "allowed_ips[1]: expected"),
        (#"{"partner_ref": "a", "rate_limit": 0}"#, "rate_limit: expected a whole number from 1 to 100000, or null"),
        (#"{"partner_ref": "a", "rate_limit": 1.5}"#, "rate_limit: expected"),
        (#"{"partner_ref": "a", "rate_limit": "7"}"#, "rate_limit: expected"),
        (#"{"partner_ref": "a", "aws": "yes"}"#, "aws: expected true or false"),
    ])
    func badKeys(body: String, detail: String) async throws {
        try await withAPI { api in
            let answer = try await api.send(.post, "/api-keys", body: body)
            #expect(answer.status == 422)
            #expect(answer.detail?.contains(detail) == true, "\(answer.text)")
            #expect(try await api.send(.get, "/api-keys").text == "[]")
        }
    }

    @Test(arguments: ["7", "0", "-1", "x", "99999999999999999999", "%31%20"])
    func unknownKeys(id: String) async throws {
        try await withAPI { api in
            let answers = [
                try await api.send(.put, "/api-keys/\(id)", body: "{}"), try await api.send(.delete, "/api-keys/\(id)"),
                try await api.send(.post, "/api-keys/\(id)/rotate"),
            ]
            for answer in answers {
                #expect(answer.status == 404 && answer.detail == "API key not found")
            }
        }
    }

    @Test func aBoundKey() async throws {
        try await withAPI { api in
            for name in ["a.example", "b.example"] { _ = try await api.store.makeDomain(name) }
            let created = try await api.send(
                .post, "/api-keys",
                body: """
                    {"partner_ref": "acme", "domains": ["A.example", "free.example"], "allowed_ips": ["10.0.0.0/8", "::ffff:192.0.2.1"],
                    "rate_limit": 50}
                    """)
            #expect(created.object["domains"]?.strings == ["a.example", "free.example"])
            #expect(created.object["allowed_ips"]?.strings == ["10.0.0.0/8", "192.0.2.1"])
            #expect(created.object["rate_limit"]?.integerValue == 50)
            let token = created.object["token"]?.stringValue ?? ""
            let elsewhere = try await api.send(.get, "/domains", token: token)
            #expect(elsewhere.status == 403 && elsewhere.object["code"]?.stringValue == "address_not_allowed")
            let id = created.object["id"]?.integerValue ?? 0
            #expect(try await api.send(.put, "/api-keys/\(id)", body: #"{"allowed_ips": null}"#).object["allowed_ips"] == .null)
            // Reading is not bound.
            #expect(try await api.send(.get, "/domains/b.example", token: token).status == 200)
            for (domain, isAllowed) in [("a.example", true), ("b.example", false)] {
                let counted = try await api.send(.post, "/domains/\(domain)/outbound/increment", token: token)
                #expect(counted.status == (isAllowed ? 200 : 403))
                if !isAllowed { #expect(counted.object["code"]?.stringValue == "domain_not_allowed") }
                let email = #"{"to": "x@c.example", "from": "n@\#(domain)", "subject": "s", "text": "t"}"#
                let sent = try await api.send(.post, "/emails", token: token, body: email)
                #expect(sent.status == (isAllowed ? 202 : 403))
                if !isAllowed {
                    #expect(sent.meta["code"]?.stringValue == "domain_not_allowed" && sent.data["status"]?.stringValue == "BAD_FROM")
                }
            }
            let counters = try await api.send(.get, "/domains/b.example/outbound")
            #expect(counters.object["outbound_sent_today"]?.integerValue == 0)
        }
    }

    /// A single verified sender is bound by the domain of its address.
    @Test func aBoundKeyAndSingleSenders() async throws {
        try await withAPI { api in
            for name in ["a@free.example", "b@other.example"] {
                try await api.store.write { tx in
                    let account = try tx.accounts.findOrInsert(reference: "acme")
                    guard var sender = try tx.senders.insert(try EmailAddress(name), accountID: account.id) else { return }
                    sender.status = .verified
                    try tx.senders.update(sender)
                }
            }
            let created = try await api.send(.post, "/api-keys", body: #"{"partner_ref": "acme", "domains": ["free.example"]}"#)
            let token = created.object["token"]?.stringValue ?? ""
            for (sender, status) in [("a@free.example", 202), ("b@other.example", 403)] {
                let email = #"{"to": "x@c.example", "from": "\#(sender)", "subject": "s", "text": "t"}"#
                #expect(try await api.send(.post, "/emails", token: token, body: email).status == status)
            }
        }
    }

    @Test func aRateOfRequests() async throws {
        try await withAPI { api in
            let created = try await api.send(.post, "/api-keys", body: #"{"partner_ref": "acme", "rate_limit": 1}"#)
            let token = created.object["token"]?.stringValue ?? ""
            #expect(try await api.send(.get, "/domains", token: token).status == 200)
            let answer = try await api.send(.get, "/emails", token: token)
            #expect(answer.status == 429 && answer.headers[.retryAfter] == "1" && answer.meta["code"]?.stringValue == "rate_limit_exceeded")
        }
    }

    @Test func rotation() async throws {
        try await withAPI { api in
            let token = try await api.token()
            let id = try await api.send(.get, "/api-keys", token: token).json?.arrayValue?.first?.objectValue?["id"]?.integerValue ?? 0
            let rotated = try await api.send(.post, "/api-keys/\(id)/rotate", token: token, body: #"{"overlap_seconds": 60}"#)
            #expect(rotated.status == 200 && rotated.headers[.cacheControl] == "no-store")
            #expect(rotated.object["previous_token_expires_at"]?.stringValue == "2026-06-15T12:01:00.000Z")
            let fresh = rotated.object["token"]?.stringValue ?? ""
            for token in [token, fresh] { #expect(try await api.send(.get, "/domains", token: token).status == 200) }
            api.clock.advance(by: .seconds(60))
            let old = try await api.send(.get, "/domains", token: token)
            #expect(old.status == 401 && old.detail == "API key has expired")
            #expect(try await api.send(.post, "/api-keys/\(id)/rotate", token: fresh).status == 200, "without a body: no overlap")
            #expect(try await api.send(.get, "/domains", token: fresh).detail == "API key has expired")
            for seconds in ["-1", "604801", "1.5", "null", #""60""#] {
                let answer = try await api.send(.post, "/api-keys/\(id)/rotate", body: #"{"overlap_seconds": \#(seconds)}"#)
                #expect(
                    answer.status == 422 && answer.detail?.contains("overlap_seconds: expected a whole number from 0 to 604800") == true)
            }
            let rows = try await api.store.read { tx in
                try tx.audit.list(matching: AuditFilter(), of: nil, after: nil, limit: 10)
            }.filter { $0.action == "key.rotate" }
            #expect(rows.count == 2, "\(rows)")
            #expect(rows.allSatisfy { $0.target == "key:\(id)" && $0.accountReference == "acme" })
        }
    }

    /// Customers see and change the keys of their own account alone.
    @Test func twoAccounts() async throws {
        try await withAPI { api in
            let (acme, globex) = (try await api.token(), try await api.token(of: "globex"))
            let created = try await api.send(.post, "/api-keys", token: acme, body: #"{"name": "Bob", "scopes": ["read"]}"#)
            #expect(created.status == 201 && created.object["partner_ref"]?.stringValue == "acme")
            #expect(try await api.send(.post, "/api-keys", token: acme, body: #"{"partner_ref": "acme"}"#).status == 201)
            let id = created.object["id"]?.integerValue ?? 0
            let references = try await api.send(.get, "/api-keys", token: globex).json?.arrayValue?.map {
                $0.objectValue?["partner_ref"]?.stringValue
            }
            #expect(references == ["globex"])
            #expect(try await api.send(.get, "/api-keys", token: acme).json?.arrayValue?.count == 3)
            for reference in ["acme", "nobody"] {
                let answer = try await api.send(.post, "/api-keys", token: globex, body: #"{"partner_ref": "\#(reference)"}"#)
                #expect(answer.status == 404 && answer.detail == "Account not found")
            }
            let foreign = [
                try await api.send(.put, "/api-keys/\(id)", token: globex, body: #"{"active": false}"#),
                try await api.send(.post, "/api-keys/\(id)/rotate", token: globex),
                try await api.send(.delete, "/api-keys/\(id)", token: globex),
            ]
            for answer in foreign { #expect(answer.status == 404 && answer.detail == "API key not found") }
            #expect(
                try await api.send(.put, "/api-keys/\(id)", token: acme, body: #"{"active": false}"#).object["active"]?.boolValue == false)
            #expect(try await api.send(.delete, "/api-keys/\(id)", token: acme).status == 204)
        }
    }

    @Test func noMoreThanOnesOwn() async throws {
        try await withAPI { api in
            let own = #"{"partner_ref": "acme", "scopes": ["manage"], "domains": ["a.example"], "rate_limit": 9}"#
            let bound = try await api.send(.post, "/api-keys", body: own).object["token"]?.stringValue ?? ""
            for (body, field) in [
                (#"{"scopes": ["send"]}"#, "scopes"), (#"{"domains": null}"#, "domains"), (#"{"rate_limit": 10}"#, "rate_limit"),
            ] {
                let answer = try await api.send(.post, "/api-keys", token: bound, body: body)
                #expect(answer.status == 403 && answer.object["code"]?.stringValue == "exceeds_own_rights")
                #expect(answer.detail == "\(field): more than the key that asks has itself")
            }
            let inherited = try await api.send(.post, "/api-keys", token: bound, body: "{}")
            #expect(inherited.object["scopes"]?.strings == ["manage"] && inherited.object["domains"]?.strings == ["a.example"])
            #expect(inherited.object["rate_limit"]?.integerValue == 9)
        }
    }

    @Test func accounts() async throws {
        try await withAPI { api in
            _ = try await api.store.makeDomain("a.example", account: "acme")
            _ = try await api.store.makeDomain("b.example", account: "acme")
            _ = try await api.token(of: "Müller & Co/Süd")
            let acme = #"{"partner_ref":"acme","domains":["b.example","a.example"],"status":"ok","created_at":"2026-06-15T12:00:00.000Z"}"#
            #expect(try await api.send(.get, "/accounts/acme").text == acme)
            #expect(try await api.send(.get, "/accounts/M%C3%BCller%20%26%20Co%2FS%C3%BCd").status == 200)
            let all = try await api.send(.get, "/accounts").json?.arrayValue ?? []
            #expect(all.compactMap { $0.objectValue?["partner_ref"]?.stringValue } == ["Müller & Co/Süd", "acme"])
            #expect(try await api.send(.get, "/accounts?limit=1&after=M%C3%BCller+%26+Co/S%C3%BCd").text == "[\(acme)]")
            #expect(try await api.send(.get, "/accounts?after=nobody").status == 422)
            #expect(try await api.send(.get, "/accounts/nobody").detail == "Account not found")
        }
    }
}
