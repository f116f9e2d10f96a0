import Synchronization

/// The state of the sink: its counts and its behaviour.
final class SinkState: Sendable {
    private let counts: Mutex<Counts>
    private let current: Mutex<Behaviour>
    private let log: AcceptanceLog?
    private let mailFroms = Mutex<[String: String]>([:])

    init(behaviour: Behaviour, log: AcceptanceLog?) {
        counts = Mutex(Counts())
        current = Mutex(behaviour)
        self.log = log
    }

    var behaviour: Behaviour { current.withLock { $0 } }

    /// The MAIL FROM domain of an identity; `nil` for none.
    func mailFrom(of identity: String) -> String? {
        mailFroms.withLock { $0[identity] }
    }

    /// Sets the MAIL FROM domain of an identity; `nil` takes it away.
    func setMailFrom(_ mailFrom: String?, of identity: String) {
        mailFroms.withLock { $0[identity] = mailFrom }
    }

    /// Changes the behaviour.
    func change(_ changes: [String: Int]) throws {
        try current.withLock { try $0.apply(changes) }
    }

    /// Accepts a message, unless the rate or the daily quota is used up.
    func accept(_ email: SentEmail, under behaviour: Behaviour) -> Verdict {
        counts.withLock { counts in
            let now = AcceptanceLog.now()
            if counts.accepted >= behaviour.dailyQuota { return .overQuota }
            if behaviour.rate > 0, counts.perSecond[now / 1000, default: 0] >= behaviour.rate {
                counts.throttled += 1
                return .overRate
            }
            let message = AcceptedMessage(acceptedAtMs: now, id: email.id ?? "-", messageID: "sink-\(counts.accepted)-\(now)")
            counts.add(message)
            counts.bySet[email.configurationSet ?? "-", default: 0] += 1
            counts.byTenant[email.tenant ?? "-", default: 0] += 1
            // Under the lock, so that the lines are in the order of acceptance.
            log?.append(message)
            return .accepted(message)
        }
    }

    /// Counts an injected fault, or a message that was refused for its sender.
    func note(_ fault: String) {
        counts.withLock { $0.faults[fault, default: 0] += 1 }
    }

    /// Returns the counts for `GET /_stats`.
    func summary() -> Summary {
        counts.withLock { Summary($0) }
    }

    /// Whether a message is accepted.
    enum Verdict {
        case accepted(AcceptedMessage)
        case overRate
        case overQuota
    }
}

/// The counts behind `GET /_stats`.
struct Counts: Sendable {
    var accepted = 0
    var throttled = 0
    var withoutID = 0
    var timesByID: [String: Int] = [:]
    var perSecond: [Int: Int] = [:]
    var bySet: [String: Int] = [:]
    var byTenant: [String: Int] = [:]
    var faults: [String: Int] = [:]

    mutating func add(_ message: AcceptedMessage) {
        accepted += 1
        perSecond[message.acceptedAtMs / 1000, default: 0] += 1
        if message.id == "-" { withoutID += 1 } else { timesByID[message.id, default: 0] += 1 }
    }
}

/// The answer of `GET /_stats`.
struct Summary: Encodable {
    let accepted: Int
    let unique: Int
    let duplicates: Int
    let withoutID: Int
    let throttled: Int
    let faults: [String: Int]
    /// Accepted messages by configuration set; `-` without one.
    let bySet: [String: Int]
    /// Accepted messages by tenant; `-` without one.
    let byTenant: [String: Int]
    /// Accepted messages by second since 1970.
    let perSecond: [String: Int]

    init(_ counts: Counts) {
        accepted = counts.accepted
        unique = counts.timesByID.count
        duplicates = counts.accepted - counts.withoutID - counts.timesByID.count
        withoutID = counts.withoutID
        throttled = counts.throttled
        faults = counts.faults
        bySet = counts.bySet
        byTenant = counts.byTenant
        perSecond = Dictionary(uniqueKeysWithValues: counts.perSecond.map { (String($0.key), $0.value) })
    }
}
