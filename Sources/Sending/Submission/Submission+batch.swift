package import MailModel
import Storage

extension Submission {
    /// How many emails of a batch share a transaction, one with its copies aside: the emails of others, which wait meanwhile, wait some
    /// milliseconds.
    private static let slice = 100

    /// Accepts many emails, each on its own: the refusal of one is no matter to the others.
    ///
    /// The emails of one domain are taken in their order, so that the rest of its quota goes to the first of them.
    ///
    /// - Returns: what became of each, in the order of the requests. A failure is a ``SubmissionRefusal``, or what storage could not do.
    package func accept(_ requests: [EmailRequest], by principal: Principal) async -> [Result<Acceptance, any Error>] {
        var outcomes: [Result<Acceptance, any Error>?] = Array(repeating: nil, count: requests.count)
        var commands: [(index: Int, command: AcceptEmail)] = []
        for (index, candidate) in await candidates(requests, by: principal).enumerated() {
            switch candidate {
            case .success(let command): commands.append((index, command))
            case .failure(let refusal): outcomes[index] = .failure(refusal)
            }
        }
        for (index, outcome) in await admit(commands) { outcomes[index] = outcome }
        return outcomes.compactMap(\.self)
    }

    /// All at once: what takes time is the DNS.
    private func candidates(_ requests: [EmailRequest], by principal: Principal) async -> [Result<AcceptEmail, any Error>] {
        await withTaskGroup(of: (Int, Result<AcceptEmail, any Error>).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask {
                    // Not inside the tuple: there Swift 6.3 loses the index when it optimises.
                    let result: Result<AcceptEmail, any Error>
                    do { result = .success(try await self.candidate(request, by: principal)) } catch { result = .failure(error) }
                    return (index, result)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private typealias Candidate = (index: Int, command: AcceptEmail)
    private typealias Outcome = (index: Int, result: Result<Acceptance, any Error>)

    /// Domain by domain side by side, since none waits for another's quota.
    private func admit(_ candidates: [Candidate]) async -> [Outcome] {
        let domains = Dictionary(grouping: candidates, by: \.command.draft.sender.domain)
        return await withTaskGroup(of: [Outcome].self) { group in
            for (domain, candidates) in domains {
                group.addTask {
                    var outcomes: [Outcome] = []
                    for slice in Self.slices(of: candidates) { outcomes += await self.admit(slice, of: domain) }
                    return outcomes
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    private static func slices(of candidates: [Candidate]) -> [[Candidate]] {
        var slices: [[Candidate]] = []
        var room = 0
        for candidate in candidates {
            let count = candidate.command.addresses.count
            if count > room {
                slices.append([])
                room = slice
            }
            slices[slices.count - 1].append(candidate)
            room -= count
        }
        return slices
    }

    private func admit(_ slice: [Candidate], of domain: DomainName) async -> [Outcome] {
        do {
            let intent = WriteIntent.emails(of: domain, to: slice.flatMap(\.command.addresses))
            let results = try await store.write(intent) { context in try slice.map { try $0.command.run(in: context) } }
            for (candidate, result) in zip(slice, results) { metrics.count(result, of: candidate.command) }
            return zip(slice, results).map { ($0.index, $1.mapError { $0 }) }
        } catch {
            return slice.map { ($0.index, .failure(error)) }
        }
    }
}
