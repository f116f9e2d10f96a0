import JSON

/// A simulation of a customer with a bad list of addresses, by calls of the API.
struct Simulation {
    let client: APIClient
    let domain: String
    let emails: Int
    let bouncePercent: Int

    /// The state of the domain.
    struct State {
        var accepted: Int
        var outbound: JSONObject
        /// The reason of the first refusal; `nil` while emails are accepted.
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
            guard isSuspended else { return "All \(accepted) emails were accepted; the domain is not suspended." }
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

    /// Creates and verifies the domain, unless it exists and is verified.
    func prepare() async throws {
        let created = try await client.post("/domains", ["name": .string(domain)])
        guard created.isSuccess || created.explanation == "Domain already exists" else {
            throw CommandFailure("The domain was not created: \(created.explanation)")
        }
        _ = try await client.post("/domains/\(domain)/ses-verify").successful("ses-verify")
        let status = try await client.get("/domains/\(domain)/ses-status").successful("ses-status")
        guard status.body["ses_verified"]?.boolValue == true else {
            throw CommandFailure(
                "\(domain) is not verified: simulate needs a server with the capture transport, or a domain that SES has verified")
        }
    }

    /// Sends the emails one after the other, until one is refused.
    ///
    /// - Parameter report: called with the state after every 20 emails.
    /// - Returns: the final state.
    func run(_ report: (State) -> Void) async throws -> State {
        var accepted = 0
        while accepted < emails {
            let answer = try await send(accepted)
            guard answer.isSuccess else { return try await state(accepted, refusal: answer.explanation, report) }
            accepted += 1
            if accepted % 20 == 0 { _ = try await state(accepted, refusal: nil, report) }
        }
        return try await settled(accepted, report)
    }

    private func send(_ index: Int) async throws -> APIClient.Answer {
        // Bounces are evenly distributed. Each email has a recipient of its own, since an address that bounced is suppressed.
        let bounces = (index + 1) * bouncePercent / 100 > index * bouncePercent / 100
        return try await client.post(
            "/emails",
            [
                "from": .string("news@\(domain)"), "to": .string("\(bounces ? "bounce" : "success")+\(index)@simulator.martlet.test"),
                "subject": .string("Simulation"), "text": .string("This is email \(index + 1) of a simulation."),
                "externalId": .string("simulation"),
            ])
    }

    private func state(_ accepted: Int, refusal: String?, _ report: (State) -> Void) async throws -> State {
        let outbound = try await client.get("/domains/\(domain)/outbound").successful("outbound").body
        let state = State(accepted: accepted, outbound: outbound, refusal: refusal)
        report(state)
        return state
    }

    /// Waits until the state is the same twice, a second apart: all events have been processed.
    private func settled(_ accepted: Int, _ report: (State) -> Void) async throws -> State {
        var last = try await state(accepted, refusal: nil, report)
        while true {
            try await Task.sleep(for: .seconds(1))
            let next = try await state(accepted, refusal: nil, report)
            if next.outbound == last.outbound || next.isSuspended { return next }
            last = next
        }
    }
}
