import Hummingbird

/// The methods of each path, for requests without a route: 404, or 405 with the methods that are allowed.
struct RouteTable: Sendable {
    struct Entry: Sendable {
        var path: String
        var methods: [HTTPRequest.Method]

        /// The value of `Allow`.
        var allow: String {
            let names = methods.map(\.rawValue) + (methods.contains(.get) ? ["HEAD"] : [])
            return names.sorted().joined(separator: ", ")
        }
    }

    private var entries: [Entry] = []

    init(_ routes: [Route]) {
        for route in routes {
            if let index = entries.firstIndex(where: { $0.path == route.path }) {
                entries[index].methods.append(route.method)
            } else {
                entries.append(Entry(path: route.path, methods: [route.method]))
            }
        }
    }

    /// Returns the entry of a path, whatever the method. Fixed segments take precedence over parameters, as in the router.
    func entry(at path: String) -> Entry? {
        let parts = path.split(separator: "/", omittingEmptySubsequences: true)
        let matching = entries.filter { Self.matches($0.path, parts) }
        return matching.min { $0.path.count { $0 == "{" } < $1.path.count { $0 == "{" } }
    }

    private static func matches(_ template: String, _ parts: [Substring]) -> Bool {
        let expected = template.split(separator: "/", omittingEmptySubsequences: true)
        return expected.count == parts.count && zip(expected, parts).allSatisfy { $0.first == "{" || $0 == $1 }
    }
}
