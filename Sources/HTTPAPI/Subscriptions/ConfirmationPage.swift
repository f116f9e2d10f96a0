import Hummingbird
import MailModel
import Sending
import Web

/// The pages of a confirmation link, in the reader's language.
struct ConfirmationPage {
    private let language: String
    private let words: Words

    init(_ request: APIRequest) {
        language = AcceptLanguage(request.headers[.acceptLanguage]).choice(of: PublicPage.languages)
        words = Words.words(in: language)
    }

    /// The page for the state of a link: the question, or the result.
    func page(_ status: SubscriptionLinkStatus) -> Response {
        switch status {
        case .question(let subscription):
            let sentence = HTML.sentence(words.question, values(of: subscription))
            return page(words.ask, "<p>\(sentence)</p><form method=\"post\"><button type=\"submit\">\(words.agree)</button></form>")
        case .confirmed(let subscription):
            let sentence = HTML.sentence(words.confirmed, values(of: subscription))
            return page(words.done, "<p>\(sentence)</p>")
        case .expired: return page(words.expired, "<p>\(words.oldLink)</p>", .gone)
        case .unknown: return page(words.notValid, "<p>\(words.unknownLink)</p>", .notFound)
        }
    }

    /// The recipient's address is masked: whoever else has the link, such as a forwarded message's reader, must not learn it.
    private func values(of subscription: Subscription) -> [String: String] {
        ["address": subscription.address.masked, "sender": subscription.sender.description, "list": subscription.list]
    }

    private func page(_ title: String, _ content: HTML, _ status: HTTPResponse.Status = .ok) -> Response {
        PublicPage(language: language, title: title, content: content, status: status).response
    }

    /// The texts of the pages in one language, with the placeholders `{address}`, `{sender}` and `{list}`.
    private struct Words {
        var ask, question, agree, done, confirmed, expired, oldLink, notValid, unknownLink: String

        static func words(in language: String) -> Words {
            switch language {
            case "es":
                Words(
                    ask: "Confirmar la suscripción", question: "¿Puede {sender} escribir a {address}? Lista: {list}",
                    agree: "Sí, de acuerdo",
                    done: "Suscripción confirmada", confirmed: "{sender} puede escribir a {address}. Lista: {list}",
                    expired: "Enlace caducado", oldLink: "Este enlace es demasiado antiguo. Pida otro.", notValid: "Enlace no válido",
                    unknownLink: "Este enlace no es válido o la suscripción ya no se conoce.")
            case "pt":
                Words(
                    ask: "Confirmar inscrição", question: "{sender} pode escrever para {address}? Lista: {list}", agree: "Sim, concordo",
                    done: "Inscrição confirmada", confirmed: "{sender} pode escrever para {address}. Lista: {list}",
                    expired: "Link expirado", oldLink: "Este link é muito antigo. Peça outro.", notValid: "Link inválido",
                    unknownLink: "Este link não é válido ou a inscrição já não é conhecida.")
            default:
                Words(
                    ask: "Confirm your subscription", question: "May {sender} write to {address}? List: {list}", agree: "Yes, I agree",
                    done: "Subscription confirmed", confirmed: "{sender} may write to {address}. List: {list}", expired: "Link expired",
                    oldLink: "This link is too old. Please ask for another.", notValid: "Link not valid",
                    unknownLink: "This link is not valid, or the subscription is no longer known.")
            }
        }
    }
}
