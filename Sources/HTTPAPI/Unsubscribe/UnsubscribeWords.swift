/// The texts of the unsubscribe pages in one language, with the placeholders `{sender}` and `{recipient}` for the two addresses.
struct UnsubscribeWords: Sendable {
    var ask: String
    var question: String
    var fromAll: String
    var unsubscribe: String
    var done: String
    var doneForSender: String
    var doneForAll: String
    var mistake: String
    var resubscribe: String
    var resubscribed: String
    var mayWriteAgain: String
    var notValid: String
    var unknownLink: String
    var expired: String
    var oldLink: String

    static func words(in language: String) -> UnsubscribeWords {
        switch language {
        case "es": spanish
        case "pt": portuguese
        default: english
        }
    }

    static let english = UnsubscribeWords(
        ask: "Unsubscribe",
        question: "Shall {sender} no longer write to {recipient}?",
        fromAll: "Stop all emails from this company, not only those from this address",
        unsubscribe: "Unsubscribe",
        done: "Unsubscribed",
        doneForSender: "{sender} will no longer write to {recipient}.",
        doneForAll: "{recipient} will get no more emails from this company, neither from {sender} nor from its other addresses.",
        mistake: "Was it a mistake?",
        resubscribe: "Subscribe again",
        resubscribed: "Subscribed again",
        mayWriteAgain: "{sender} may write to {recipient} again.",
        notValid: "Link not valid",
        unknownLink: "This link is not valid, or the email is no longer known.",
        expired: "Link expired",
        oldLink: "This link is too old. Please use the one in a newer email.")

    static let spanish = UnsubscribeWords(
        ask: "Cancelar la suscripción",
        question: "¿Quiere que {sender} deje de escribir a {recipient}?",
        fromAll: "Dejar de recibir todos los correos de esta empresa, no solo los de esta dirección",
        unsubscribe: "Cancelar la suscripción",
        done: "Suscripción cancelada",
        doneForSender: "{sender} ya no escribirá a {recipient}.",
        doneForAll: "{recipient} ya no recibirá correos de esta empresa, ni de {sender} ni de sus otras direcciones.",
        mistake: "¿Ha sido un error?",
        resubscribe: "Volver a suscribirse",
        resubscribed: "Suscripción restablecida",
        mayWriteAgain: "{sender} puede volver a escribir a {recipient}.",
        notValid: "Enlace no válido",
        unknownLink: "Este enlace no es válido o el correo ya no se conoce.",
        expired: "Enlace caducado",
        oldLink: "Este enlace es demasiado antiguo. Utilice el de un correo más reciente.")

    static let portuguese = UnsubscribeWords(
        ask: "Cancelar inscrição",
        question: "Deseja que {sender} deixe de escrever para {recipient}?",
        fromAll: "Deixar de receber todos os e-mails desta empresa, não só os deste endereço",
        unsubscribe: "Cancelar inscrição",
        done: "Inscrição cancelada",
        doneForSender: "{sender} não escreverá mais para {recipient}.",
        doneForAll: "{recipient} não receberá mais e-mails desta empresa, nem de {sender} nem dos seus outros endereços.",
        mistake: "Foi um engano?",
        resubscribe: "Inscrever-se novamente",
        resubscribed: "Inscrição restabelecida",
        mayWriteAgain: "{sender} pode voltar a escrever para {recipient}.",
        notValid: "Link inválido",
        unknownLink: "Este link não é válido ou o e-mail já não é conhecido.",
        expired: "Link expirado",
        oldLink: "Este link é muito antigo. Use o de um e-mail mais recente.")
}
