import Foundation

/// `Package.swift`, as far as its text says which targets there are and what they depend on.
struct PackageManifest {
    /// The dependencies of each target: modules of this package, and products of others, which are named like their modules.
    let dependencies: [String: Set<String>]

    /// Reads the manifest of this package.
    static func ofThisPackage() throws -> PackageManifest {
        PackageManifest(try String(contentsOf: SourceModule.root.appending(path: "Package.swift"), encoding: .utf8))
    }

    /// - Parameter text: a manifest in which a list of dependencies is an array literal, or the name of a constant that is one; in it each
    ///   dependency is a name in quotes, or `.name` of a product that is declared by `static let name = product(name: "Product", …)`.
    init(_ text: String) {
        let products = Self.dictionary(text.matches(of: /static let (\w+) = product\(name: "(\w+)"/).map { ($0.1, String($0.2)) })
        let constants = Self.dictionary(text.matches(of: /(?m)^let (\w+)(?:: \[[\w.]+\])? = (\[[^\]]*\])/).map { ($0.1, $0.2) })
        let target =
            #/
            (?: \b (?: module | sharedTests | tests ) \( | \. (?: target | executableTarget ) \( \s* name: ) \s* "([\w-]+)"
            (?: , \s* (?: dependencies: \s* )? ( \[ [^\]]* \] | \w+ \b (?!:) ) )?
            /#
        let targets = text.matches(of: target)
        dependencies = Self.dictionary(
            targets.map { target in
                let list = target.2.map { constants[String($0)] ?? $0 } ?? ""
                return (target.1, Self.dependencies(in: list, products))
            })
    }

    private static func dependencies(in list: Substring, _ products: [String: String]) -> Set<String> {
        Set(
            list.matches(of: /"([\w-]+)"|\.(\w+)/).map { match in
                match.1.map { String($0) } ?? match.2.map { products[String($0)] ?? ".\($0)" } ?? ""
            })
    }

    private static func dictionary<Value>(_ pairs: [(Substring, Value)]) -> [String: Value] {
        Dictionary(pairs.map { (String($0.0), $0.1) }) { first, _ in first }
    }
}
