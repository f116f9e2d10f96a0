extension Behaviour {
    /// Sets what `POST /_control` names, all or nothing; a name that does not exist is an error.
    mutating func apply(_ changes: [String: Int]) throws {
        var changed = self
        for (name, value) in changes {
            guard let field = Self.fields[name] else { throw UnknownField(name: name) }
            changed[keyPath: field] = value
        }
        self = changed
    }

    /// Every field by the name that `POST /_control` reads and answers.
    var byName: [String: Int] {
        Self.fields.mapValues { self[keyPath: $0] }
    }

    struct UnknownField: Error {
        let name: String
    }

    private static let fields: [String: any WritableKeyPath<Behaviour, Int> & Sendable] = [
        "latencyMs": \.latencyMs,
        "rate": \.rate,
        "maxSendRate": \.maxSendRate,
        "dailyQuota": \.dailyQuota,
        "throttlePercent": \.throttlePercent,
        "errorPercent": \.errorPercent,
        "dropBeforePercent": \.dropBeforePercent,
        "dropAfterPercent": \.dropAfterPercent,
        "denyIdentities": \.denyIdentities,
    ]
}
