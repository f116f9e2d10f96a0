import Testing

/// Every declaration with `package` or `public` access has a doc comment (CONTRIBUTING.md).
///
/// `swift format` checks `public` ones only.
struct DocCommentTests {
    @Test(arguments: SourceModule.all)
    func `declarations for other modules have doc comments`(_ module: SourceModule) {
        let missing = module.files.flatMap { file in
            UndocumentedDeclaration.all(in: file.text).map { "\(module.name)/\(file.path):\($0.line) \($0.name)" }
        }
        #expect(missing == [])
    }

    @Test(arguments: [
        ("package struct A {}", "A"), ("public final class A {}", "A"), ("final package class A {}", "A"),
        ("package static func a() {}", "a"), ("    package init() {}", "init"), ("package convenience init?(_ a: Int) {}", "init"),
        ("package subscript(_ a: Int) -> Int { a }", "subscript"), ("package private(set) var a = 1", "a"),
        ("package static func == (left: A, right: A) -> Bool { true }", "=="), ("package var `default`: Int { 1 }", "default"),
        ("@discardableResult package func a() -> Int { 1 }", "a"), ("@inlinable\n@discardableResult\npackage func a() -> Int { 1 }", "a"),
        ("/// A text.\n\npackage let a = 1", "a"), ("// A text.\npackage let a = 1", "a"),
    ])
    func `a declaration without one is found`(_ code: String, name: String) {
        #expect(UndocumentedDeclaration.all(in: code).map(\.name) == [name])
    }

    @Test(arguments: [
        "/// A text.\npackage struct A {}", "/// A text.\n@discardableResult\npackage func a() -> Int { 1 }", "package import A",
        "package extension A {}", "package override func a() {}", "struct A {}", "private(set) var a = 1", "package(set) var a = 1",
        "// package func a()", "let text = \"package func\"",
    ])
    func `other lines are accepted`(_ code: String) {
        #expect(UndocumentedDeclaration.all(in: code) == [])
    }
}

/// A declaration with `package` or `public` access and no doc comment.
private struct UndocumentedDeclaration: Equatable {
    /// The line, from 1.
    let line: Int
    /// The name; `init` and `subscript` where there is none.
    let name: String

    /// Returns those of a source text, a declaration a line.
    ///
    /// Extensions are none, and an override has the comment of what it overrides.
    static func all(in source: String) -> [UndocumentedDeclaration] {
        let declaration =
            /^\s*(?:@\w+(?:\([^)]*\))?\s+)*((?:\w+(?:\(set\))? )+?)(func|var|let|init|struct|class|enum|actor|protocol|typealias|subscript|case)\b\s*`?(\w+|[^\s\w(]+)?/
        let lines = source.split(separator: "\n", omittingEmptySubsequences: false)
        return lines.indices.compactMap { index in
            // The expression is slow, and few lines have one of the words.
            guard lines[index].contains("package ") || lines[index].contains("public "),
                let match = lines[index].firstMatch(of: declaration)
            else { return nil }
            let modifiers = Set(match.1.split(separator: " "))
            guard !modifiers.isDisjoint(with: ["package", "public"]), modifiers.isDisjoint(with: ["import", "override"]) else { return nil }
            let before = lines[..<index].lazy.map { $0.drop(while: \.isWhitespace) }.last { !$0.hasPrefix("@") }
            guard before?.hasPrefix("///") != true else { return nil }
            let name = ["init", "subscript"].contains(match.2) ? match.2 : match.3 ?? "?"
            return UndocumentedDeclaration(line: index + 1, name: String(name))
        }
    }
}
