import Hummingbird
import Web

extension TemplateController {
    static let createDocumentation = Documentation(
        "Keep a template",
        body: .json(
            .reference("NewTemplate"),
            example: #"{"name": "welcome", "subject": "Welcome, {{name}}", "text": "Hello {{name}}, your code is {{code}}."}"#),
        .json(.created, "The template.", .envelope(.reference("Template"))),
        .json(.conflict, "There is one of that name, or there are too many.", .reference("EnvelopeError")), .accountNotFound)

    static let listDocumentation = Documentation(
        "Templates by their names, without their texts", query: [.userName] + Documentation.Parameter.page,
        .json(.ok, "The templates; meta.next is there while there are more.", .envelope(.array(.reference("TemplateSummary")))))

    static let findDocumentation = Documentation(
        "A template, and the variables that it needs", query: [.userName],
        .json(.ok, "The template.", .envelope(.reference("Template"))))

    static let replaceDocumentation = Documentation(
        "Give a template other texts; emails that were accepted keep theirs", query: [.userName],
        body: .json(.fieldsOrNull(texts), example: #"{"subject": "Welcome, {{name}}", "text": "Hello {{name}}."}"#),
        .json(.ok, "The template.", .envelope(.reference("Template"))))

    static let deleteDocumentation = Documentation(
        "Delete a template; emails that were accepted keep their texts", query: [.userName], .empty(.noContent, "It is gone."))

    static let schemas: [(name: String, schema: Schema)] = [
        ("NewTemplate", .fieldsOrNull([.init("name", .string)] + texts + [.optional("userName", .string)])),
        (
            "Template",
            .object(
                head + [.init("text", .string), .init("html", .nullable(.string)), .init("variables", .array(.string))] + times)
        ),
        ("TemplateSummary", .object(head + times)),
    ]

    private static let texts: [Schema.Property] = [
        .init("subject", .string), .init("text", .string), .optional("html", .string),
    ]
    private static let head: [Schema.Property] = [.init("name", .string), .init("subject", .string)]
    private static let times: [Schema.Property] = [.init("createdAt", .time), .init("updatedAt", .time)]
}
