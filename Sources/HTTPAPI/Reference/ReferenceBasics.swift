/// What holds for all operations, in the reference for people and for tools.
enum ReferenceBasics {
    /// The name of each point and its sentences, with code between backticks.
    static let points: [(title: String, text: String)] = [
        (
            "Token",
            "`Authorization: Bearer …`, the master token or a client key. What belongs to another account is 404, as if it did not exist."
        ),
        (
            "JSON",
            "in UTF-8, with `Content-Type: application/json`. Times are RFC 3339 in UTC; days and months begin at midnight UTC."
        ),
        (
            "Two forms",
            """
            emails, suppressions, subscriptions, senders, callbacks and reports have camelCase names, in `{"meta": {…}, "data": …}`, and \
            errors explain themselves in `meta.explain` and `meta.code`. Everything else has snake_case names, and errors are \
            `{"detail": "…", "code": "…"}`. The codes are the same.
            """
        ),
        ("Lists", "take `limit` and `after`; `meta.next` is the next `after` while there is more."),
        ("Once", "with an `Idempotency-Key`, an email that is sent again within 24 hours is not sent twice."),
        ("Errors change nothing", "nothing is stored or counted for a request that is answered with an error."),
    ]
}
