/// What a mail server asks: the attributes of a policy delegation request that matter here (Postfix, SMTPD_POLICY_README).
///
/// All of them come from the mail server, and some from its clients: nothing here was checked.
package struct PolicyRequest: Sendable, Equatable {
    /// When in the SMTP session it is asked: `RCPT`, `DATA`, `END-OF-MESSAGE`, ….
    package var protocolState = ""
    /// The envelope sender; empty for bounces.
    package var sender = ""
    /// Set at `RCPT`, and later when the message has one recipient.
    package var recipient = ""
    /// Accepted so far; 0 before `DATA`.
    package var recipientCount: Int64 = 0
    /// The name the client logged in with; empty without a login.
    package var saslUsername = ""
    /// The same for all requests about one message, and for a request that is asked again.
    package var instance = ""

    package init() {}
}
