import MailModel

/// What a customer asks: to put an address on a list, when its owner agrees. Not validated yet.
package struct SubscriptionRequest: Sendable {
    package var email: String
    package var list: String
    package var from: String
    package var subject: String?
    /// The words of the message, with `{{link}}` where the link goes.
    package var text: String?
    /// Of the words that are used where none are given.
    package var language: ConfirmationWords.Language

    package init(email: String, list: String, from: String) {
        self.email = email
        self.list = list
        self.from = from
        language = .english
    }
}

/// What a message says that asks for confirmation.
package enum ConfirmationWords {
    package enum Language: String, Sendable, CaseIterable {
        case english = "en"
        case spanish = "es"
        case portuguese = "pt"
    }

    /// Where the link goes in a text.
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
