import Concurrency
package import MailModel
import Storage

extension Submission {
    /// Accepts many emails, each on its own: a refused one does not affect the others.
    ///
    /// They are taken in slices, whose texts are made, committed and forgotten before those of the next, so that other requests have their
    /// turn in between. The emails of one domain are accepted in their order, so that the first of them get what is left of its quota.
    ///
    /// - Returns: the outcome of each, in the order of the requests. A failure is a ``Refusal`` or an error of the storage.
    package func accept(_ requests: [EmailRequest], by principal: Principal) async -> [Result<Acceptance, any Error>] {
        var outcomes: [Result<Acceptance, any Error>] = []
        var batch = BatchPreparation(requests, limit: limits.batchBytes, memory: reservation(for: principal))
        while let slice = await batch.nextSlice(self, by: principal) {
            let accepted = await accept(slice, memory: batch.memory, by: principal)
            for (item, outcome) in zip(slice, accepted) {
                if case .failure(let refusal as Refusal) = outcome { refusals.record(refusal, of: item.request, by: principal) }
            }
            outcomes += accepted
            await Task.yield()
        }
        return outcomes
    }

    private func accept(
        _ slice: [BatchPreparation.Item], memory: MemoryReservation, by principal: Principal
    ) async -> [Result<Acceptance, any Error>] {
        var outcomes: [Result<Acceptance, any Error>?] = slice.map { item in
            if case .failure(let error) = item.validated { .failure(error) } else { nil }
        }
        for (index, outcome) in await accept(await commands(for: slice, by: principal)) {
            outcomes[index] = outcome.map { acceptance in
                var acceptance = acceptance
                acceptance.memory = memory
                return acceptance
            }
        }
        return outcomes.compactMap(\.self)
    }

    /// Checks the recipients of all emails at the same time, as most of it is waiting for the DNS.
    private func commands(for slice: [BatchPreparation.Item], by principal: Principal) async -> [BatchItem] {
        await withTaskGroup(of: BatchItem.self) { group in
            for (index, item) in slice.enumerated() {
                guard case .success(let validated) = item.validated else { continue }
                group.addTask {
                    // Not inside the tuple: there Swift 6.3 loses the index when it optimises.
                    let command = await self.command(for: item.request, validated, isKnown: item.isTemplateKnown, by: principal)
                    return (index, command)
                }
            }
            return await group.reduce(into: []) { $0.append($1) }.sorted { $0.index < $1.index }
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
                    for part in Self.transactions(of: items) { outcomes += await self.accept(part, of: domain) }
                    return outcomes
                }
            }
            return await group.reduce(into: []) { $0 += $1 }
        }
    }

    /// How many emails of a batch share a transaction, which other emails wait for some milliseconds.
    ///
    /// An email and its copies are never split.
    private static let emailsPerTransaction = 100

    /// Divides items into those that share a transaction.
    private static func transactions(of items: [BatchItem]) -> [[BatchItem]] {
        var transactions: [[BatchItem]] = []
        var available = 0
        for item in items {
            let count = item.command.addresses.count
            if count > available {
                transactions.append([])
                available = emailsPerTransaction
            }
            transactions[transactions.count - 1].append(item)
            available -= count
        }
        return transactions
    }

    private func accept(_ items: [BatchItem], of domain: DomainName) async -> [BatchOutcome] {
        do {
            let intent = WriteIntent.emails(
                of: domain, to: items.flatMap(\.command.addresses), for: items.first?.command.principal.accountID)
            let results = try await store.write(intent) { tx in try items.map { try $0.command.run(in: tx) } }
            for (item, result) in zip(items, results) { metrics.count(result, of: item.command) }
            return zip(items, results).map { ($0.index, $1.mapError { $0 }) }
        } catch {
            return items.map { ($0.index, .failure(error)) }
        }
    }
}

/// The emails of a batch that are not accepted yet, and what is left for the texts of them all.
private struct BatchPreparation {
    /// A request, and what became of its validation.
    struct Item: Sendable {
        var request: EmailRequest
        var validated: Result<ValidatedEmail, any Error>
        var isTemplateKnown: Bool
    }

    private struct TemplateKey: Hashable {
        var name: String
        var sender: String
    }

    /// The bounds of a slice: emails, and bytes of texts that are made.
    private static let slice = (emails: 100, bytes: 4 << 20)
    /// The most bytes of templates that are kept for the next email.
    ///
    /// Parsed, they take some times as much.
    private static let keptBytes = 1 << 20

    let memory: MemoryReservation
    private var rest: ArraySlice<EmailRequest>
    private let limit: Int
    private var left: Int
    private var templates: [TemplateKey: TemplateTexts] = [:]
    private var templateBytes = 0

    /// - Parameter limit: the most bytes of all texts together that are made of templates and variables.
    init(_ requests: [EmailRequest], limit: Int, memory: MemoryReservation) {
        rest = requests[...]
        self.limit = limit
        left = limit
        self.memory = memory
    }

    /// Validates the next emails, and makes their texts; `nil` at the end of the batch.
    mutating func nextSlice(_ submission: Submission, by principal: Principal) async -> [Item]? {
        guard !rest.isEmpty else { return nil }
        let end = left - Self.slice.bytes
        var items: [Item] = []
        while items.count < Self.slice.emails, items.isEmpty || left > end, let request = rest.popFirst() {
            items.append(await item(request, submission, by: principal))
        }
        return items
    }

    private mutating func item(_ request: EmailRequest, _ submission: Submission, by principal: Principal) async -> Item {
        do {
            let template = try await template(for: request, submission, by: principal)
            let validated = try submission.validate(request, template) { bytes throws(Refusal) in
                try take(bytes)
                try Submission.reserve(bytes, in: memory)
            }
            return Item(request: request, validated: .success(validated), isTemplateKnown: template != nil)
        } catch {
            return Item(request: request, validated: .failure(error), isTemplateKnown: true)
        }
    }

    private mutating func take(_ bytes: Int) throws(Refusal) {
        guard bytes <= left else { throw tooLarge }
        left -= bytes
    }

    private var tooLarge: Refusal {
        Refusal(
            .tooLarge, field: "variables",
            "With their variables the emails of one batch may have \(limit) bytes together: send the rest in another one")
    }

    /// The template that a request names: the same for the emails of a batch, so that it is read and parsed once.
    private mutating func template(
        for request: EmailRequest, _ submission: Submission, by principal: Principal
    ) async throws -> TemplateTexts? {
        guard let name = request.template else { return nil }
        // Reading templates for emails that cannot be filled any more would cost what filling them does.
        guard left > 0 else { throw tooLarge }
        let key = TemplateKey(name: name, sender: request.from)
        if let known = templates[key] { return known }
        guard let template = try await submission.template(for: request, by: principal) else { return nil }
        left -= min(left, template.bytes)
        if templateBytes + template.bytes > Self.keptBytes { (templates, templateBytes) = ([:], 0) }
        if template.bytes <= Self.keptBytes {
            templates[key] = template
            templateBytes += template.bytes
        }
        return template
    }
}
