package import MailModel

/// Somebody who is logged in to the dashboard.
package struct Session: Sendable, Equatable {
    package var principal: Principal
    /// What every form of this session carries, so that no other site makes a change in its name. Made of the session's secret: it tells nothing about it.
    package var formToken: String
    /// Whether a form is one of this session's. It takes the same time whatever differs.
    package func accepts(formToken: String?) -> Bool {
        formToken.map { TokenHash($0) == TokenHash(self.formToken) } ?? false
    }

    /// When it ends, however much it is used.
    package var expiresAt: Timestamp

    /// How long a session lasts without being used.
    package static let idle = Duration.seconds(2 * 3600)
    /// How long it lasts at all.
    package static let lifetime = Duration.seconds(12 * 3600)
    /// How often its use is written down at the most.
    static let useInterval = Duration.seconds(60)
}
