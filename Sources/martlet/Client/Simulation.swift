import JSON

/// Drives a server from outside, as a customer would who does not clean a list of addresses.
struct Simulation {
    let client: APIClient
    let domain: String
    let emails: Int
    let bouncePercent: Int

    /// How the domain stands.
    struct State {
        var accepted: Int
        var outbound: JSONObject
        /// Why the server takes no more, once it does not.
        var refusal: String?

        var isSuspended: Bool { outbound["outbound_status"]?.stringValue == "suspended" }

        private func number(_ name: String) -> String {
            outbound[name].map { String(decoding: $0.serialized, as: UTF8.self) } ?? "-"
        }

        var line: String {
            "accepted \(accepted)  sent \(number("outbound_sent_month"))  bounced \(number("bounce_count"))  "
                + "bounce rate \(number("bounce_rate")) %  \(outbound["outbound_status"]?.stringValue ?? "-")"
        }

        var verdict: String {
            guard isSuspended else { return "All \(accepted) emails were accepted; the domain may go on." }
            let reason = outbound["suspended_reason"]?.stringValue ?? "no reason given"
            return "Suspended after \(accepted) emails: \(reason).\nThe next one was refused: \(refusal ?? "-")"
        }

        var object: JSONObject {
            [
                "accepted": .integer(Int64(accepted)), "suspended": .bool(isSuspended), "refusal": .text(refusal),
                "outbound": .object(outbound),
            ]
        }
    }

    /// Makes and verifies the domain where that is not done yet.
    func prepare() async throws {
        let created = try await client.post("/domains", ["name": .string(domain)])
        guard created.isSuccess || created.explanation == "Domain already exists" else {
            throw CommandFailure("The domain was not made: \(created.explanation)")
        }
        _ = try await client.post("/domains/\(domain)/ses-verify").successful("ses-verify")
        let status = try await client.get("/domains/\(domain)/ses-status").successful("ses-status")
        guard status.body["ses_verified"]?.boolValue == true else {
            throw CommandFailure(
                "\(domain) is not verified: simulate needs a server with the capture transport, or a domain that SES has verified")
        }
    }

    /// Sends one email after the other, and tells every now and then how things stand.
    func run(_ tell: (State) -> Void) async throws -> State {
        var accepted = 0
        while accepted < emails {
            let answer = try await send(accepted)
            guard answer.isSuccess else { return try await state(accepted, refusal: answer.explanation, tell) }
            accepted += 1
            if accepted % 20 == 0 { _ = try await state(accepted, refusal: nil, tell) }
        }
        return try await settled(accepted, tell)
    }

    private func send(_ index: Int) async throws -> APIClient.Answer {
        // The bounces lie evenly among the emails. Each has a recipient of its own: an address that bounced is not mailed again.
        let bounces = (index + 1) * bouncePercent / 100 > index * bouncePercent / 100
        return try await client.post(
            "/emails",
            [
                "from": .string("news@\(domain)"), "to": .string("\(bounces ? "bounce" : "success")+\(index)@simulator.martlet.test"),
                "subject": .string("Simulation"), "text": .string("This is email \(index + 1) of a simulation."),
                "externalId": .string("simulation"),
            ])
    }

    private func state(_ accepted: Int, refusal: String?, _ tell: (State) -> Void) async throws -> State {
        let outbound = try await client.get("/domains/\(domain)/outbound").successful("outbound").body
        let state = State(accepted: accepted, outbound: outbound, refusal: refusal)
        tell(state)
        return state
    }

    /// Waits for the last events: two looks that see the same are taken for the end.
    private func settled(_ accepted: Int, _ tell: (State) -> Void) async throws -> State {
        var last = try await state(accepted, refusal: nil, tell)
        while true {
            try await Task.sleep(for: .seconds(1))
            let next = try await state(accepted, refusal: nil, tell)
            if next.outbound == last.outbound || next.isSuspended { return next }
            last = next
        }
    }
}
