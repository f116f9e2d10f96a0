/// A session of a person: of a browser, or a personal key, by which programs act as the person (specification 2.12).
///
/// It ends with the person: who is disabled has none, and a changed role holds for the next request.
package struct UserSession: Sendable, Equatable, Identifiable {
    /// What has the session's secret.
    package enum Kind: String, Sendable, CaseIterable {
        /// A browser, in a cookie.
        case browser
        /// A program, as a bearer token: a personal key.
        case key
    }

    /// By what the person was recognised, as the audit log names it.
    package enum Factor: String, Sendable, CaseIterable {
        case password
        /// The password, and a code of the second factor.
        case code = "totp"
        /// The password, and one of the recovery codes.
        case recoveryCode = "recovery_code"
        /// A provider of OpenID Connect.
        case provider = "oidc"
        /// A personal key, which was confirmed in a session of a browser.
        case key = "personal_key"
    }

    /// How long a session of a browser lasts without being used.
    package static let idle = Duration.seconds(2 * 3600)
    /// How long a session of a browser lasts at most.
    package static let lifetime = Duration.seconds(12 * 3600)
    /// How long a personal key lasts.
    package static let keyLifetime = Duration.seconds(90 * 86_400)
    /// How long a proof of the second factor holds for dangerous actions.
    package static let confirmation = Duration.seconds(10 * 60)

    /// The id in the database, by which it is revoked.
    package var id: Int64
    /// Whose session it is.
    package var userID: Int64
    /// What has its secret.
    package var kind: Kind
    /// The browser or the program, in its own words; shown to the person.
    package var name: String
    /// The address from which it was begun.
    package var address: String
    /// By what the person was recognised.
    package var factor: Factor
    /// The session at the provider, `sid`, by which it ends it (OpenID Connect Back-Channel Logout section 2.1); `nil` where there is none.
    package var providerSession: String?
    /// When the person last proved who it is for this session.
    package var confirmedAt: Timestamp
    /// When it began.
    package var createdAt: Timestamp
    /// When it was last used, to about a minute.
    package var usedAt: Timestamp
    /// When it ends, however much it is used.
    package var expiresAt: Timestamp

    /// A session of these values.
    package init(
        id: Int64, userID: Int64, kind: Kind, name: String, address: String, factor: Factor, providerSession: String? = nil,
        confirmedAt: Timestamp, createdAt: Timestamp, usedAt: Timestamp, expiresAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.kind = kind
        self.name = name
        self.address = address
        self.factor = factor
        self.providerSession = providerSession
        self.confirmedAt = confirmedAt
        self.createdAt = createdAt
        self.usedAt = usedAt
        self.expiresAt = expiresAt
    }

    /// Whether it has not ended at a time: by its age, or, for one of a browser, by not being used.
    package func isAlive(at now: Timestamp) -> Bool {
        // One that was begun by a clock ahead of this one would last too long.
        guard createdAt <= now + OutboundCounters.tolerance, now < expiresAt else { return false }
        return kind == .key || now - usedAt < Self.idle
    }

    /// Whether the person proved a moment ago who it is, as dangerous actions ask for.
    package func isConfirmed(at now: Timestamp) -> Bool {
        now - confirmedAt < Self.confirmation
    }
}

/// A person within a session.
package struct SignedInUser: Sendable, Equatable {
    /// Who it is.
    package var user: User
    /// In which session.
    package var session: UserSession
    /// Whether the person has to set up a second factor before anything else (`users.requireTOTP`).
    package var needsSecondFactor: Bool

    /// A person within a session.
    package init(user: User, session: UserSession, needsSecondFactor: Bool = false) {
        self.user = user
        self.session = session
        self.needsSecondFactor = needsSecondFactor
    }

    /// Whether the person may do anything that the role allows: an active one, of the second factor all but setting it up.
    func may(_ action: Action) -> Bool {
        user.status == .active && (!needsSecondFactor || action == .profileManage)
    }
}

/// The sign-in of a program that waits until a person confirms its short code in a browser.
package struct DeviceSignIn: Sendable, Equatable {
    /// How long a program waits.
    package static let lifetime = Duration.seconds(10 * 60)

    /// The code that the program shows and the person compares: eight letters.
    package var userCode: String
    /// The program, in its own words.
    package var name: String
    /// The address from which the program asked.
    package var address: String
    /// Who has confirmed it; `nil` as long as nobody has.
    package var userID: Int64?
    /// When the program asked.
    package var createdAt: Timestamp

    /// A sign-in of these values.
    package init(userCode: String, name: String, address: String, userID: Int64? = nil, createdAt: Timestamp) {
        self.userCode = userCode
        self.name = name
        self.address = address
        self.userID = userID
        self.createdAt = createdAt
    }
}
