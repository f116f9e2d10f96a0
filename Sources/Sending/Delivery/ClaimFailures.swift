/// Finds the email for which a claim fails: claims of one email each, until as many have succeeded as a claim takes otherwise.
///
/// What cannot be read in a row is told apart by the claim itself; this is for whatever else a row may lead to.
struct ClaimFailures: Sendable {
    private static let searched = 64

    private var left = 0

    /// Claims are made email by email.
    var isSearching: Bool { left > 0 }

    /// How many emails a claim may take.
    func limit(_ count: Int) -> Int {
        isSearching ? min(1, count) : count
    }

    mutating func didSucceed() {
        left = max(0, left - 1)
    }

    /// A claim has failed, and would again.
    ///
    /// - Returns: whether the email that is due longest is the reason.
    mutating func didFail() -> Bool {
        defer { left = Self.searched }
        return isSearching
    }
}
