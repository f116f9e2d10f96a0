import Testing

/// Swift 6.3 miscompiles with `-O`: in a closure whose result is a tuple, `do { return (index, .success(try await work())) } catch { return
/// (index, .failure(error)) }` returns another index, or uninitialised memory.
///
/// So no value that is returned is built around a `try await`: the call comes first, in a line of its own.
struct ReturnedValueTests {
    @Test(arguments: SourceModule.all + SourceModule.tests)
    func `no returned value is built around a call that suspends and throws`(_ module: SourceModule) {
        #expect(module.files.flatMap { file in ReturnedValue.aroundAwait(in: file.text).map { "\(file.path):\($0)" } } == [])
    }

    @Test(arguments: [
        "do { return (index, .success(WAIT work())) } catch { return (index, .failure(error)) }",
        "do { return (index, WAIT work()) } catch { return (index, nil) }",
        "group.addTask { (index, WAIT work(index)) }",
        "group.addTask { [index] in (index, WAIT work(index)) }",
        "items.map { item in (item, WAIT work(item)) }",
        "run { (item: Int) async throws -> (Int, Int) in (item, WAIT work(item)) }",
        "return (name: item.name(of: 1), value: WAIT work())",
        "return (\n    index,\n    WAIT work()\n)",
        "do { return .success(WAIT work()) } catch { return .failure(error) }",
        "return Pair(index: index, value: WAIT work())",
        "return Box<Int>(WAIT work())",
        "return (index, .some((1, WAIT work())))",
        "let url = \"https://a.example\"; return (url, WAIT work())",
    ])
    func `built around it`(_ code: String) {
        #expect(ReturnedValue.aroundAwait(in: ReturnedValueTests.source(code)) == [1])
    }

    @Test(arguments: [
        "let result = WAIT work()\nreturn (index, result)",
        "do { result = .success(WAIT work()) } catch { result = .failure(error) }\nreturn (index, result)",
        "return WAIT work()",
        "return WAIT answer(WAIT work())",
        "return [WAIT work()]",
        "return answer(WAIT work())",
        "// return (index, WAIT work())",
        "return (index, Task { WAIT work() })",
        "return Pair(index: index) { WAIT work() }",
        "let pair = (index, WAIT work())",
        "return (index, await work())",
        "if isReady { (a, b) = (1, 2) }\nWAIT work()",
        "return (1, 2)\nlet next = (3, WAIT work())",
    ])
    func `not built around it`(_ code: String) {
        #expect(ReturnedValue.aroundAwait(in: ReturnedValueTests.source(code)) == [])
    }

    /// The examples say WAIT, so that this file does not contain what it forbids.
    private static func source(_ example: String) -> String {
        example.replacing("WAIT", with: "try await")
    }
}

/// Finds values that are built around a `try await` where they are returned, by `return` or as the only expression of a closure.
private enum ReturnedValue {
    /// The lines, from 1, on which such a value begins.
    static func aroundAwait(in source: String) -> [Int] {
        let code = withoutComments(source)
        guard code.contains("try await") else { return [] }
        // `return` or the head of a closure, and behind it a tuple, a case with a payload, or an initialiser.
        let beginning =
            /(?:\breturn\s+|\{\s*(?:\[[^\]\n]*\]\s*)?(?:(?:(?:\([^()\n]*\)|[\w, ]+)(?:\s*async)?(?:\s*throws)?(?:\s*->[^{}\n]*?)?\s+)?in\s+)?)(?:\.\w+|[A-Z]\w*(?:<[^>\n]*>)?)?\(/
        return code.matches(of: beginning).filter { arguments(in: code[$0.range.upperBound...]).contains("try await") }
            .map { code[..<$0.range.lowerBound].count { $0 == "\n" } + 1 }
    }

    /// What stands between the parentheses, without the bodies of closures.
    private static func arguments(in code: Substring) -> String {
        var parentheses = 1
        var braces = 0
        var arguments = ""
        for character in code {
            switch character {
            case "{": braces += 1
            case "}": braces -= 1
            case "(" where braces == 0: parentheses += 1
            case ")" where braces == 0: parentheses -= 1
            default: break
            }
            guard parentheses > 0, braces >= 0 else { break }
            if braces == 0 { arguments.append(character) }
        }
        return arguments
    }

    /// A `//` inside a string is none: an odd number of quotes stands before it.
    private static func withoutComments(_ source: String) -> String {
        source.split(separator: "\n", omittingEmptySubsequences: false).map { line in
            line.ranges(of: "//").first { line[..<$0.lowerBound].count { $0 == "\"" }.isMultiple(of: 2) }
                .map { line[..<$0.lowerBound] } ?? line
        }
        .joined(separator: "\n")
    }
}
