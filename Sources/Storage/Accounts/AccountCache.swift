import MailModel

/// The accounts that a transaction has read, and what it knows of those whose rows it has locked.
struct AccountCache {
    /// The accounts that were read, as they are now.
    private(set) var accounts: [Int64: Account] = [:]
    /// Their limits, as they were read with them.
    private var quotas: [Int64: StoredQuota] = [:]
    /// The accounts whose rows are locked, with the window that each is judged by, as it was in the database when it was read; `nil` where it
    /// was not read yet, or has changed there since.
    private var lockedAccounts: [Int64: ReputationWindow?] = [:]

    mutating func store(_ row: AccountRow.WithQuota) {
        accounts[row.account.id] = row.account
        quotas[row.account.id] = row.quota
    }

    /// Stores an account whose row this transaction has locked.
    mutating func storeLocked(_ row: AccountRow.WithQuota) {
        store(row)
        lockedAccounts[row.account.id] = .some(nil)
    }

    /// The limits in an account's row, if that was read.
    func storedQuota(of id: Int64) -> StoredQuota? {
        quotas[id]
    }

    /// Changes the limits of an account, if it was read.
    mutating func set(_ limits: AccountLimits, of id: Int64) {
        quotas[id]?.limits = limits
    }

    /// Forgets an account with its limits: both are read again.
    mutating func forgetQuota(of id: Int64) {
        accounts[id] = nil
        quotas[id] = nil
        lockedAccounts[id] = nil
    }

    /// The account, if its row is locked.
    func lockedAccount(_ id: Int64) -> Account? {
        lockedAccounts[id] == nil ? nil : accounts[id]
    }

    /// Changes the status of an account, if it was read.
    mutating func set(_ status: Account.Status, of id: Int64) {
        accounts[id]?.status = status
    }

    /// The window of a locked account, if it was read.
    func lockedWindow(of id: Int64) -> ReputationWindow? {
        lockedAccounts[id] ?? nil
    }

    mutating func storeLocked(_ window: ReputationWindow, of id: Int64) {
        lockedAccounts[id] = window
    }

    /// Forgets the window of a locked account, as the counts of this transaction were written into it.
    mutating func forgetWindow(of id: Int64) {
        if lockedAccounts[id] != nil { lockedAccounts[id] = .some(nil) }
    }

    /// Forgets that an account is locked: it is read again, with its window.
    mutating func forgetLock(of id: Int64) {
        lockedAccounts[id] = nil
    }
}
