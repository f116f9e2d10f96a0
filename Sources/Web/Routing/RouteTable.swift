import Hummingbird

/// The methods of each path, for requests without a route: 404, or 405 with the methods that are allowed.
///
/// Also the form of the errors of a path.
struct RouteTable: Sendable {
    struct Entry: Sendable {
        var path: String
        var methods: [HTTPRequest.Method]
        /// The form of the errors of its routes.
        var errors: ErrorFormat

        /// The value of `Allow`.
        var allow: String {
            let names = methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : [])
            return names.sorted().joined(separator: ", ")
        }
    }

    private var entries: [Entry] = []
    /// The form of the errors of each route's path.
    private let forms: [String: ErrorFormat]

    init(_ routes: [Route]) {
        forms = Dictionary(routes.map { ($0.path, $0.errors) }) { first, _ in first }
        for route in routes {
            if let index = entries.firstIndex(where: { $0.path == route.path }) {
                entries[index].methods.append(route.method)
            } else {
                entries.append(Entry(path: route.path, methods: [route.method], errors: route.errors))
            }
        }
    }

    /// Returns the entry of a path, whatever the method.
    ///
    /// Fixed segments take precedence over parameters, as in the router.
    func entry(at path: String) -> Entry? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let matching = entries.filter { Self.matches($0.path, parts) }
        return matching.min { $0.path.count { $0 == "{" } < $1.path.count { $0 == "{" } }
    }

    /// Returns the form of the errors of a request: that of its route; without one that of the path's routes, or of the path's family.
    ///
    /// - Parameter route: the path of the request's route.
    func errors(of route: String?, at path: String) -> ErrorFormat {
        if let form = route.flatMap({ forms[$0] }) { return form }
        if let entry = entry(at: path) { return entry.errors }
        let family = Self.family(of: path)
        return entries.first { Self.family(of: $0.path) == family }?.errors ?? .detail
    }

    private static func family(of path: String) -> Substring? {
        path.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: true).first
    }

    private static func matches(_ template: String, _ parts: [Substring]) -> Bool {
        let expected = template.split(separator: "/", omittingEmptySubsequences: true)
        return expected.count == parts.count && zip(expected, parts).allSatisfy { $0.first == "{" || $0 == $1 }
    }
}
