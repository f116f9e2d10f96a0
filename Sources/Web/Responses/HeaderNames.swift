package import Hummingbird

// Header fields that HTTPTypes has no names for. The names are valid, so that what stands behind `??` is never used.
extension HTTPFields.Element.Name {
    package static let referrerPolicy = Self("Referrer-Policy") ?? .vary
    package static let secFetchSite = Self("Sec-Fetch-Site") ?? .origin
    static let xForwardedFor = Self("X-Forwarded-For") ?? .via
}
