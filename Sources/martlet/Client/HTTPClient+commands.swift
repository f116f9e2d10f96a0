import AsyncHTTPClient

extension HTTPClient {
    /// The client of the commands, which lives as long as the program. Where nobody listens it says so at once; the shared one would try
    /// again until the time is up.
    static let commands: HTTPClient = {
        var configuration = HTTPClient.Configuration.singletonConfiguration
        configuration.connectionPool.retryConnectionEstablishment = false
        return HTTPClient(eventLoopGroup: HTTPClient.defaultEventLoopGroup, configuration: configuration)
    }()
}
