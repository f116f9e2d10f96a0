import JSON
import MailModel

/// The templates of an account as the API answers them (specification 5.5).
enum TemplateResources {
    static let template = Resource<EmailTemplate>("Template") {
        head
        Field("text", .string, "The text with its places: plain, or HTML where it has a tag.", example: "Hello {{name}}.") { $0.text }
        Field("html", .nullable(.string), "HTML beside a plain text; null for none.", example: "<p>Hello {{name}}.</p>") { $0.html }
        Field("variables", .array(.string), "The names of the variables that it needs, in the order of their first use.", example: ["name"])
        {
            $0.variables
        }
        times
    }

    /// A template in a list, without the texts, which may be large.
    static let summary = Resource<EmailTemplate>("TemplateSummary") {
        head
        times
    }

    @FieldBuilder<EmailTemplate> private static var head: [Field<EmailTemplate>] {
        Field("name", .string, "The name, which is unique within the account.", example: "welcome") { $0.name }
        Field("subject", .string, "The subject, with `{{name}}` in the places of variables.", example: "Welcome, {{name}}") { $0.subject }
    }

    @FieldBuilder<EmailTemplate> private static var times: [Field<EmailTemplate>] {
        Field("createdAt", .time, "When it was created (UTC).", example: "2026-06-01T09:30:00.000Z") { $0.createdAt.description }
        Field("updatedAt", .time, "When it was last changed (UTC).", example: "2026-06-15T12:00:00.000Z") { $0.updatedAt.description }
    }
}

extension EmailTemplate {
    /// The names of its variables, in the order of their first use.
    fileprivate var variables: [String] {
        let names = [subject, text, html ?? ""].flatMap { (try? TemplateText($0))?.names ?? [] }
        var seen: Set<String> = []
        return names.filter { seen.insert($0).inserted }
    }
}
