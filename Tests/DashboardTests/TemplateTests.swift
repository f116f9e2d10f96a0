import Foundation
import MailModel
import Mustache
import Storage
import TestSupport
import Testing

@testable import Dashboard

@Suite(.timeLimit(.minutes(1)))
struct TemplateTests {
    private static let files: [URL] = {
        let resources = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "Sources/Dashboard/Resources")
        let paths = FileManager.default.enumerator(atPath: resources.path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".mustache") }.map { resources.appending(path: $0) }
    }()

    @Test func everythingIsEscaped() throws {
        #expect(Self.files.count > 5)
        for file in Self.files {
            let text = try String(contentsOf: file, encoding: .utf8)
            #expect(!text.contains("{{{") && !text.contains(/\{\{\s*&/) && !text.contains(/\{\{\s*%/), "\(file.lastPathComponent)")
            #expect(!text.contains(/\s(style|on\w+)=/) && !text.contains("<style"), "\(file.lastPathComponent) has inline script or style")
        }
    }

    /// Every file parses, and its parts exist.
    @Test func everyFileParses() throws {
        #expect(Parts.faulty == [])
        for file in Self.files {
            let data = try Data(contentsOf: file)
            #expect(Template(Array(data)).fault == nil, "\(file.lastPathComponent)")
            for part in String(decoding: data, as: UTF8.self).matches(of: /\{\{[<>]\s*(\w+)/) {
                #expect(Parts.library.getTemplate(named: String(part.1)) != nil, "\(file.lastPathComponent) has no part \(part.1)")
            }
        }
    }

    @Test func namesAreMembersOfTheInnermostObject() {
        struct Inner: Sendable {
            let note: String?
        }
        struct Outer: Sendable {
            let note: String
            let inner: Inner
        }
        let template = Template(Array("{{#inner}}[{{#note}}{{.}}{{/note}}|{{page.note}}]{{missing}}{{/inner}}".utf8))
        let text = template.render(Outer(note: "<b>", inner: Inner(note: nil)), in: Layout(title: "T"))
        #expect(text.contains("[|&lt;b&gt;]⟦.missing⟧"))
    }
}
