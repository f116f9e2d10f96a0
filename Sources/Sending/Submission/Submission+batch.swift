package import MailModel
import Storage

extension Submission {
    /// How many emails of a batch share a transaction, which other emails wait for some milliseconds. An email and its copies are never
    /// split.
    private static let emailsPerTransaction = 100

    /// Accepts many emails, each on its own: a refused one does not affect the others.
    ///
    /// The emails of one domain are accepted in their order, so that the first of them get what is left of its quota.
    ///
    /// - Returns: the outcome of each, in the order of the requests. A failure is a ``Refusal`` or an error of the storage.
    package func accept(_ requests: [EmailRequest], by principal: Principal) async -> [Result<Acceptance, any Error>] {
        var outcomes: [Result<Acceptance, any Error>?] = Array(repeating: nil, count: requests.count)
        var items: [BatchItem] = []
        for (index, command) in await commands(for: requests, by: principal).enumerated() {
            switch command {
            case .success(let command): items.append((index, command))
            case .failure(let refusal): outcomes[index] = .failure(refusal)
            }
        }
        for (index, outcome) in await accept(items) { outcomes[index] = outcome }
        return outcomes.compactMap(\.self)
    }

    /// Prepares all commands at the same time, as most of it is waiting for the DNS.
    private func commands(for requests: [EmailRequest], by principal: Principal) async -> [Result<AcceptEmail, any Error>] {
        await withTaskGroup(of: (Int, Result<AcceptEmail, any Error>).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask {
                    // Not inside the tuple: there Swift 6.3 loses the index when it optimises.
                    let result: Result<AcceptEmail, any Error>
                    do { result = .success(try await self.command(for: request, by: principal)) } catch { result = .failure(error) }
                    return (index, result)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    private typealias BatchItem = (index: Int, command: AcceptEmail)
    private typealias BatchOutcome = (index: Int, result: Result<Acceptance, any Error>)

    /// Accepts the emails of different domains in parallel: no domain depends on another's quota.
    private func accept(_ items: [BatchItem]) async -> [BatchOutcome] {
        let domains = Dictionary(grouping: items, by: \.command.validated.sender.domain)
        return await withTaskGroup(of: [BatchOutcome].self) { group in
            for (domain, items) in domains {
                group.addTask {
                    var outcomes: [BatchOutcome] = []
                    for slice in Self.slices(of: items) { outcomes += await self.accept(slice, of: domain) }
                    return outcomes
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// Divides items into those that share a transaction.
    private static func slices(of items: [BatchItem]) -> [[BatchItem]] {
        var slices: [[BatchItem]] = []
        var available = 0
        for item in items {
            let count = item.command.addresses.count
            if count > available {
                slices.append([])
                available = emailsPerTransaction
            }
            slices[slices.count - 1].append(item)
            available -= count
        }
        return slices
    }

    private func accept(_ slice: [BatchItem], of domain: DomainName) async -> [BatchOutcome] {
        do {
            let intent = WriteIntent.emails(of: domain, to: slice.flatMap(\.command.addresses))
            let results = try await store.write(intent) { tx in try slice.map { try $0.command.run(in: tx) } }
            for (item, result) in zip(slice, results) { metrics.count(result, of: item.command) }
            return zip(slice, results).map { ($0.index, $1.mapError { $0 }) }
        } catch {
            return slice.map { ($0.index, .failure(error)) }
        }
    }
}
