/// Who sends the notices, and who gets those of all accounts: the settings `notices.…` (specification 7.3).
package struct NoticeSettings: Sendable, Equatable {
    /// The sender of the emails (`notices.from`); `nil`: nothing is mailed, and accounts are told by callbacks and dashboard alone.
    package var sender: EmailAddress?
    /// The operator's addresses (`notices.to`), which get the notices of all accounts, in English.
    package var operators: [EmailAddress]
    /// The kinds that the operator's addresses get (`notices.events`); empty for all.
    package var operatorEvents: [AccountNotice.Event]

    /// Settings of these values; without any, nothing is mailed.
    package init(sender: EmailAddress? = nil, operators: [EmailAddress] = [], operatorEvents: [AccountNotice.Event] = []) {
        self.sender = sender
        self.operators = operators
        self.operatorEvents = operatorEvents
    }

    /// The operator's addresses as contacts.
    package var operatorContacts: [NoticeContact] {
        operators.map { NoticeContact($0, events: operatorEvents) }
    }
}
