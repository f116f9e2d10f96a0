import Hummingbird
import Web

extension TemplateController {
    static let createDocumentation = Documentation(
        "Store a template",
        body: .json(
            newTemplate.reference,
            example: #"{"name": "welcome", "subject": "Welcome, {{name}}", "text": "Hello {{name}}, your code is {{code}}."}"#),
        .json(.created, "The template.", .envelope(TemplateResources.template.reference)),
        .json(.conflict, "There is one of that name, or there are too many.", .envelopeError), .accountNotFound)

    static let listDocumentation = Documentation(
        "Templates by their names, without their texts", query: [.userName] + Documentation.Parameter.page,
        .json(.ok, "The templates; meta.next is there while there are more.", .envelope(.array(TemplateResources.summary.reference))))

    static let findDocumentation = Documentation(
        "A template, and the variables that it needs", query: [.userName],
        .json(.ok, "The template.", .envelope(TemplateResources.template.reference)))

    static let replaceDocumentation = Documentation(
        "Replace the texts of a template; emails that were accepted keep theirs", query: [.userName],
        body: .json(newTexts.reference, example: #"{"subject": "Welcome, {{name}}", "text": "Hello {{name}}."}"#),
        .json(.ok, "The template.", .envelope(TemplateResources.template.reference)))

    static let deleteDocumentation = Documentation(
        "Delete a template; emails that were accepted keep their texts", query: [.userName], .empty(.noContent, "Deleted."))

    private static let newTemplate = Component(
        "NewTemplate",
        .fieldsOrNull(
            [
                .init(
                    "name", .string, "The name, of 1 to 64 letters, digits, `_`, `.` and `-`, beginning with a letter or `_`.",
                    example: "welcome")
            ] + texts + [
                .optional(
                    "userName", .string, "For the master: the account that gets the template. A client's templates are its own.",
                    example: "acme")
            ]))

    private static let newTexts = Component("TemplateTexts", .fieldsOrNull(texts))

    private static let texts: [Schema.Property] = [
        .init(
            "subject", .string, "The subject, with `{{name}}` in the places of variables; `\\{{` stands for the braces themselves.",
            example: "Welcome, {{name}}"),
        .init("text", .string, "The text with such places: plain, or HTML where it has a tag.", example: "Hello {{name}}."),
        .optional("html", .string, "HTML with such places, beside a plain text.", example: "<p>Hello {{name}}.</p>"),
    ]
}
