import Foundation
import Testing

/// A folder of `Sources` or `Tests`, as text.
struct SourceModule: CustomTestStringConvertible {
    let name: String
    /// Path and content of each Swift file.
    let files: [(path: String, text: String)]

    var testDescription: String { name }

    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    static let all = folders(of: "Sources")
    static let tests = folders(of: "Tests")

    private static func folders(of name: String) -> [SourceModule] {
        let parent = root.appending(path: name)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent.path)) ?? []
        return names.sorted().map { SourceModule(name: $0, files: swiftFiles(in: parent.appending(path: $0))) }
    }

    /// The modules that the module imports: `Glibc` for `import func Glibc.open`.
    var imports: Set<String> {
        Set(
            files.flatMap { file in
                file.text.matches(
                    of:
                        /(?m)^\s*(?:@\w+(?:\([^)]*\))?\s+)*(?:\w+\s+)?import\s+(?:(?:struct|class|enum|protocol|func|typealias|var|let)\s+)?(\w+)/
                )
                .map { String($0.1) }
            })
    }

    /// The lines that match, with where they stand; comments aside.
    func lines(matching expression: Regex<Substring>) -> [String] {
        files.flatMap { file in
            file.text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
                .filter { !$0.element.drop(while: \.isWhitespace).hasPrefix("//") && $0.element.contains(expression) }
                .map { "\(file.path):\($0.offset + 1): \($0.element)" }
        }
    }

    private static func swiftFiles(in folder: URL) -> [(path: String, text: String)] {
        let paths = FileManager.default.enumerator(atPath: folder.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().compactMap { path in
            (try? String(contentsOf: folder.appending(path: path), encoding: .utf8)).map { (path, $0) }
        }
    }
}
