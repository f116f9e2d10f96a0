import ArgumentParser
import Encoding
import Foundation
import JSON

struct SendCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "send", abstract: "Send an email through a running server.",
        discussion: "Exit code 0 when the server has accepted it, 1 when it refuses; `-` as text reads standard input.")

    @Option(help: "The sender: an address of a verified domain.")
    var from: String

    @Option(help: "The recipient.")
    var to: String

    @Option(help: "A further recipient, whom all see; may be given more than once.")
    var cc: [String] = []

    @Option(help: "A further recipient, whom nobody sees; may be given more than once.")
    var bcc: [String] = []

    @Option(help: ArgumentHelp("A file to be attached; may be given more than once.", valueName: "file"))
    var attach: [String] = []

    @Option(help: "The subject.")
    var subject: String?

    @Option(help: "The text, plain or HTML; `-` for standard input.")
    var text: String?

    @Option(help: ArgumentHelp("A template of the account, instead of subject and text.", valueName: "name"))
    var template: String?

    @Option(name: .customLong("var"), help: ArgumentHelp("The value of a variable; may be given more than once.", valueName: "name=value"))
    var variables: [String] = []

    @Option(help: "The name of the recipient, shown in To.")
    var alias: String?

    @Option(help: "Your identifier for reports, such as a campaign.")
    var externalID: String?

    @Option(help: ArgumentHelp("The words of an unsubscribe link at the end.", valueName: "words"))
    var unsubscribe: String?

    @Option(help: ArgumentHelp("Not before this time, such as 2026-01-31T09:00:00+01:00.", valueName: "time"))
    var sendAt: String?

    @Option(help: ArgumentHelp("Sends once, however often it is run with the same key.", valueName: "key"))
    var idempotencyKey: String?

    @OptionGroup var server: ServerOptions
    @OptionGroup var format: FormatOptions

    func validate() throws {
        guard template != nil || (subject != nil && text != nil) else { throw ValidationError("Give --subject and --text, or --template") }
        for variable in variables where !variable.contains("=") {
            throw ValidationError("--var \(variable): expected a name, = and a value")
        }
    }

    func run() async throws {
        let client = try server.client()
        let answer = try await client.post(path, try body(), headers: idempotencyKey.map { [("Idempotency-Key", $0)] } ?? [])
        if format.asJSON { Output.show(answer.body, asJSON: true) }
        guard answer.isSuccess, let data = answer.data else {
            let status = answer.data?["status"]?.stringValue.map { " (\($0))" } ?? ""
            throw CommandFailure("Refused\(status): \(answer.explanation)")
        }
        if !format.asJSON {
            Output.show(["id": data["id"] ?? .null, "status": data["status"] ?? .null], asJSON: false)
        }
    }

    private var path: String {
        unsubscribe.map { "/emails?unsubscribeMsg=" + PercentEncoding.encode($0) } ?? "/emails"
    }

    private func body() throws -> JSONObject {
        var body: JSONObject = ["from": .string(from), "to": .string(to)]
        if let subject { body["subject"] = .string(subject) }
        if let text = try content() { body["text"] = .string(text) }
        if let template { body["template"] = .string(template) }
        if !variables.isEmpty { body["variables"] = .object(values) }
        if let alias { body["alias"] = .string(alias) }
        if let externalID { body["externalId"] = .string(externalID) }
        if let sendAt { body["sendAt"] = .string(sendAt) }
        if !cc.isEmpty { body["cc"] = .array(cc.map { .string($0) }) }
        if !bcc.isEmpty { body["bcc"] = .array(bcc.map { .string($0) }) }
        if !attach.isEmpty { body["attachments"] = .array(try attach.map(attachment)) }
        return body
    }

    private func attachment(_ path: String) throws -> JSONValue {
        let file = URL(fileURLWithPath: path)
        guard let data = try? Data(contentsOf: file) else { throw CommandFailure("\(path) cannot be read") }
        return .object(["filename": .string(file.lastPathComponent), "content": .string(Base64.encode(Array(data)))])
    }

    private var values: JSONObject {
        variables.reduce(into: JSONObject()) { values, variable in
            let parts = variable.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            values[String(parts[0])] = .string(String(parts[1]))
        }
    }

    private func content() throws -> String? {
        guard text == "-" else { return text }
        let input = try FileHandle.standardInput.readToEnd() ?? Data()
        guard let content = String(data: input, encoding: .utf8) else { throw CommandFailure("Standard input is not UTF-8") }
        return content
    }
}
