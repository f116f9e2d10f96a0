import MailModel

/// Under which address people reach this server.
package struct PublicAddress: Sendable {
    private let configured: String?
    private let local: String

    /// - Parameters:
    ///   - configured: the setting `public.url`, without a slash at its end.
    ///   - local: what to say when nothing else is known.
    package init(configured: String?, local: String) {
        self.configured = configured
        self.local = local
    }

    /// The configured address, else what the request was sent to. A `Host` that could be no host says nothing: it comes from whoever asks.
    ///
    /// - Parameter host: the request's header field.
    func base(host: String?) -> String {
        if let configured { return configured }
        guard let host, let url = WebURL("http://" + host), url.path == "/", url.query == nil else {
            return local
        }
        return "http://" + url.authority
    }
}
