import Crypto
import MailModel

/// A key of `email_search`: a property of emails, and one value of it as a number.
///
/// Text is represented by its hash, so that a row is short. Whoever reads ids by a key compares the emails themselves, so that two
/// texts with one hash are never confused.
///
/// An `externalId`, `clientId` or tag means something within its account alone: the account is in the lower half of the number, so that the
/// emails of one account lie together, and those of all accounts beside each other.
struct SearchKey: Hashable {
    /// The property.
    enum Kind: Int64 {
        case account = 1
        case recipient, sender, external, client, tag
        /// The domain of the recipient.
        case domain
        /// The first bytes of the recipient's address, in the order of the text.
        case start
    }

    var kind: Kind
    /// One number, or those of all accounts.
    var numbers: ClosedRange<Int64>

    private init(_ kind: Kind, _ number: Int64) {
        self.kind = kind
        numbers = number...number
    }

    /// The emails of an account.
    static func account(_ id: Int64) -> Self { Self(.account, id) }
    /// The emails to an address, in whatever case its local part is written.
    static func recipient(_ address: EmailAddress) -> Self { Self(.recipient, hash(address.suppressionKey)) }
    /// The emails to addresses of a domain.
    static func domain(_ name: DomainName) -> Self { Self(.domain, hash(name.description)) }
    /// The emails to addresses that begin with a text.
    ///
    /// Only ``startLength`` bytes of it count: whoever reads ids by the key compares the addresses.
    static func start(_ text: String) -> Self {
        let bytes = Array(text.lowercased().utf8.prefix(startLength))
        let rest = startLength - bytes.count
        var key = Self(.start, number(bytes + Array(repeating: 0, count: rest)))
        key.numbers = key.numbers.lowerBound...max(key.numbers.lowerBound, number(bytes + Array(repeating: 0xFF, count: rest)))
        return key
    }
    /// The emails from an address.
    static func sender(_ address: EmailAddress) -> Self { Self(.sender, hash(address.description)) }

    /// The emails with a text that belongs to an account.
    ///
    /// - Parameter accountID: `nil` for those of all accounts.
    init(_ kind: Kind, _ text: String, of accountID: Int64?) {
        self.kind = kind
        let half = Self.hash(text) & ~0xFFFF_FFFF
        numbers = accountID.map { (half | $0 & 0xFFFF_FFFF)...(half | $0 & 0xFFFF_FFFF) } ?? half...(half | 0xFFFF_FFFF)
    }

    /// The bytes of an address that are a number, by whose order addresses of one beginning lie together.
    static let startLength = 8

    private static func number(_ bytes: [UInt8]) -> Int64 {
        Int64(bitPattern: bytes.reduce(0) { $0 << 8 | UInt64($1) })
    }

    /// The first 8 bytes of the SHA-256: nobody can make texts that have the hash of another one.
    private static func hash(_ text: String) -> Int64 {
        Int64(bitPattern: SHA256.hash(data: Array(text.utf8)).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

extension SearchKey {
    /// Returns the key that leads a search: that of the most selective condition.
    ///
    /// - Returns: `nil` where there is no condition with a key.
    init?(of filter: EmailFilter, accountID: Int64?) {
        if let recipient = filter.recipient {
            self = .recipient(recipient)
        } else if let clientID = filter.clientID {
            self.init(.client, clientID, of: accountID)
        } else if let tag = filter.tag {
            self.init(.tag, tag, of: accountID)
        } else if let externalID = filter.externalID {
            self.init(.external, externalID, of: accountID)
        } else if let domain = filter.recipientDomain {
            self = .domain(domain)
        } else if let sender = filter.sender {
            self = .sender(sender)
        } else if let accountID {
            self = .account(accountID)
        } else {
            return nil
        }
    }

    /// Returns the keys under which an email is found.
    static func all(of email: SearchedEmail, tags: [String]) -> [SearchKey] {
        var keys: [SearchKey] = [.account(email.accountID), .sender(email.sender)] + all(ofRecipient: email.recipient)
        if let externalID = email.externalID { keys.append(SearchKey(.external, externalID, of: email.accountID)) }
        if let clientID = email.clientID { keys.append(SearchKey(.client, clientID, of: email.accountID)) }
        return keys + tags.map { SearchKey(.tag, $0, of: email.accountID) }
    }

    /// Returns the keys under which an email is found by its recipient; none of a recipient who was erased.
    static func all(ofRecipient recipient: EmailAddress) -> [SearchKey] {
        recipient.isErased ? [] : [.recipient(recipient), .domain(recipient.domain), .start(recipient.suppressionKey)]
    }
}
