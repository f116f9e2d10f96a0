import MailModel

/// A request to put an address on a list once its owner confirms, not validated yet.
package struct SubscriptionRequest: Sendable {
    /// The address.
    package var email: String
    /// The name of the list.
    package var list: String
    /// The sender of the message that asks for confirmation.
    package var from: String
    /// The subject of the message; `nil` for the default one.
    package var subject: String?
    /// The text of the message, with `{{link}}` where the link goes; `nil` for the default one.
    package var text: String?
    /// The language of the default subject and text.
    package var language: ConfirmationWords.Language

    /// Creates a request with the default message in English.
    package init(email: String, list: String, from: String) {
        self.email = email
        self.list = list
        self.from = from
        language = .english
    }
}

/// The default subject and text of the message that asks for confirmation.
package enum ConfirmationWords {
    /// A language that there are default texts in; the raw value is its code in ISO 639-1.
    package enum Language: String, Sendable, CaseIterable {
        case english = "en"
        case spanish = "es"
        case portuguese = "pt"
    }

    /// The placeholder for the link.
    static let link = "{{link}}"

    static func subject(in language: Language) -> String {
        switch language {
        case .english: "Please confirm your subscription"
        case .spanish: "Confirme su suscripción"
        case .portuguese: "Confirme a sua inscrição"
        }
    }

    static func text(in language: Language, list: String, sender: EmailAddress) -> String {
        switch language {
        case .english:
            """
            Somebody, probably you, asked that \(sender) may write to this address: \(list).

            To agree, open this page and press its button:

            \(link)

            It is good for seven days. If it was not you, do nothing: no more messages will come.

            """
        case .spanish:
            """
            Alguien, probablemente usted, ha pedido que \(sender) pueda escribir a esta dirección: \(list).

            Si está de acuerdo, abra esta página y pulse el botón:

            \(link)

            El enlace vale siete días. Si no ha sido usted, no haga nada: no llegarán más mensajes.

            """
        case .portuguese:
            """
            Alguém, provavelmente você, pediu que \(sender) possa escrever para este endereço: \(list).

            Se concorda, abra esta página e carregue no botão:

            \(link)

            O link é válido por sete dias. Se não foi você, não faça nada: não chegarão mais mensagens.

            """
        }
    }
}
