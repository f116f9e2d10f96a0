import MailModel

/// The texts of notices in one language.
///
/// The placeholders are `{account}`, `{domain}`, `{level}`, `{limit}`, `{sent}`, `{period}` and `{receiver}`.
struct NoticeWords: Sendable {
    /// A kind of notice: the subject of the email, and what happened.
    struct Text: Sendable {
        var subject: String
        var sentence: String

        init(_ subject: String, _ sentence: String) {
            self.subject = subject
            self.sentence = sentence
        }
    }

    var accountWarning: Text
    var accountBlocked: Text
    var accountReviewed: Text
    var accountReputation: Text
    var accountQuotaNear: Text
    var accountQuotaReached: Text
    var domainSuspended: Text
    var domainResumed: Text
    var domainQuotaNear: Text
    var domainQuotaReached: Text
    var domainReputation: Text
    var domainVerified: Text
    var callbacksFailing: Text
    /// The word for `{period}`, as in "daily limit".
    var day: String
    var month: String
    /// Stands before the time.
    var time: String
    /// Stands before a reason, which is in English.
    var reason: String
    /// Why the reader gets the email.
    var closing: String

    static func words(in language: NoticeLanguage) -> NoticeWords {
        switch language {
        case .english: english
        case .spanish: spanish
        case .portuguese: portuguese
        }
    }

    /// The text of a notice.
    func text(of notice: AccountNotice) -> Text {
        let isReached = notice.quota?.level == .reached
        return switch notice.event {
        case .accountWarning: accountWarning
        case .accountBlocked: accountBlocked
        case .accountReviewed: accountReviewed
        case .accountReputation: accountReputation
        case .accountQuota: isReached ? accountQuotaReached : accountQuotaNear
        case .domainSuspended: domainSuspended
        case .domainResumed: domainResumed
        case .domainQuota: isReached ? domainQuotaReached : domainQuotaNear
        case .domainReputation: domainReputation
        case .domainVerified: domainVerified
        case .callbacksFailing: callbacksFailing
        }
    }
}

extension NoticeWords {
    static let english = NoticeWords(
        accountWarning: Text(
            "Warning: the account {account} is near a block",
            "The bounces or complaints of the account {account} have reached the threshold of a warning. Mail still goes out; if the rate rises further, the account will be blocked. Please check where your addresses come from, and stop writing to those that bounce or complain."
        ),
        accountBlocked: Text(
            "The account {account} is blocked",
            "The account {account} is blocked: new emails are refused, and queued ones are not sent, until the operator has reviewed it."
        ),
        accountReviewed: Text("The account {account} was reviewed", "The operator has reviewed the account {account}."),
        accountReputation: Text(
            "Amazon SES says something new of {account}",
            "What Amazon SES, which carries the mail, says of the reputation of the account {account} has changed."),
        accountQuotaNear: Text(
            "{level} % of the {period} limit of the account {account} is used",
            "The account {account} has used {level} % of its {period} limit: {sent} of {limit} emails."),
        accountQuotaReached: Text(
            "The {period} limit of the account {account} is reached",
            "The account {account} has sent {sent} emails: its {period} limit of {limit} is reached."),
        domainSuspended: Text("{domain} is suspended", "The domain {domain} of the account {account} was suspended: it may not send."),
        domainResumed: Text("{domain} may send again", "The domain {domain} of the account {account} is active: it may send again."),
        domainQuotaNear: Text(
            "{level} % of the {period} limit of {domain} is used",
            "The domain {domain} of the account {account} has used {level} % of its {period} limit: {sent} of {limit} emails."),
        domainQuotaReached: Text(
            "The {period} limit of {domain} is reached",
            "The domain {domain} of the account {account} has sent {sent} emails: its {period} limit of {limit} is reached."),
        domainReputation: Text(
            "Amazon SES says something new of {domain}",
            "What Amazon SES, which carries the mail, says of the reputation of the domain {domain} of the account {account} has changed."),
        domainVerified: Text("{domain} is verified", "The domain {domain} of the account {account} is verified: it may send."),
        callbacksFailing: Text(
            "Callbacks to {receiver} fail",
            "The callbacks of the account {account} to {receiver} keep failing. They are tried again for 28 hours, and then parked; parked ones can be replayed."
        ),
        day: "daily", month: "monthly", time: "When", reason: "Reason",
        closing: "You get this message because this address is to be told of the account {account}.")

    static let spanish = NoticeWords(
        accountWarning: Text(
            "Aviso: la cuenta {account} está cerca de un bloqueo",
            "Los rebotes o las quejas de la cuenta {account} han alcanzado el umbral de aviso. El correo sigue saliendo; si la tasa sube más, la cuenta se bloqueará. Compruebe de dónde vienen sus direcciones y deje de escribir a las que rebotan o se quejan."
        ),
        accountBlocked: Text(
            "La cuenta {account} está bloqueada",
            "La cuenta {account} está bloqueada: los correos nuevos se rechazan y los que están en cola no se envían hasta que el operador la haya revisado."
        ),
        accountReviewed: Text("La cuenta {account} ha sido revisada", "El operador ha revisado la cuenta {account}."),
        accountReputation: Text(
            "Amazon SES dice algo nuevo de {account}",
            "Ha cambiado lo que Amazon SES, que transporta el correo, dice de la reputación de la cuenta {account}."),
        accountQuotaNear: Text(
            "Se ha usado el {level} % del límite {period} de la cuenta {account}",
            "La cuenta {account} ha usado el {level} % de su límite {period}: {sent} de {limit} correos."),
        accountQuotaReached: Text(
            "Se ha alcanzado el límite {period} de la cuenta {account}",
            "La cuenta {account} ha enviado {sent} correos: ha alcanzado su límite {period} de {limit}."),
        domainSuspended: Text(
            "{domain} está suspendido", "El dominio {domain} de la cuenta {account} ha sido suspendido: no puede enviar."),
        domainResumed: Text(
            "{domain} puede enviar de nuevo", "El dominio {domain} de la cuenta {account} está activo: puede enviar de nuevo."),
        domainQuotaNear: Text(
            "Se ha usado el {level} % del límite {period} de {domain}",
            "El dominio {domain} de la cuenta {account} ha usado el {level} % de su límite {period}: {sent} de {limit} correos."),
        domainQuotaReached: Text(
            "Se ha alcanzado el límite {period} de {domain}",
            "El dominio {domain} de la cuenta {account} ha enviado {sent} correos: ha alcanzado su límite {period} de {limit}."),
        domainReputation: Text(
            "Amazon SES dice algo nuevo de {domain}",
            "Ha cambiado lo que Amazon SES, que transporta el correo, dice de la reputación del dominio {domain} de la cuenta {account}."),
        domainVerified: Text("{domain} está verificado", "El dominio {domain} de la cuenta {account} está verificado: puede enviar."),
        callbacksFailing: Text(
            "Fallan las notificaciones a {receiver}",
            "Las notificaciones (callbacks) de la cuenta {account} a {receiver} fallan una y otra vez. Se reintentan durante 28 horas y después se apartan; las apartadas se pueden repetir."
        ),
        day: "diario", month: "mensual", time: "Cuándo", reason: "Motivo",
        closing: "Recibe este mensaje porque esta dirección debe estar informada sobre la cuenta {account}.")

    static let portuguese = NoticeWords(
        accountWarning: Text(
            "Aviso: a conta {account} está perto de um bloqueio",
            "As devoluções ou reclamações da conta {account} atingiram o limiar de aviso. O correio continua a sair; se a taxa subir mais, a conta será bloqueada. Verifique de onde vêm os seus endereços e deixe de escrever aos que devolvem ou reclamam."
        ),
        accountBlocked: Text(
            "A conta {account} está bloqueada",
            "A conta {account} está bloqueada: novos e-mails são recusados e os que estão na fila não são enviados até que o operador a tenha revisto."
        ),
        accountReviewed: Text("A conta {account} foi revista", "O operador reviu a conta {account}."),
        accountReputation: Text(
            "A Amazon SES diz algo novo de {account}",
            "Mudou o que a Amazon SES, que transporta o correio, diz da reputação da conta {account}."),
        accountQuotaNear: Text(
            "{level} % do limite {period} da conta {account} foi usado",
            "A conta {account} usou {level} % do seu limite {period}: {sent} de {limit} e-mails."),
        accountQuotaReached: Text(
            "O limite {period} da conta {account} foi atingido",
            "A conta {account} enviou {sent} e-mails: o seu limite {period} de {limit} foi atingido."),
        domainSuspended: Text("{domain} está suspenso", "O domínio {domain} da conta {account} foi suspenso: não pode enviar."),
        domainResumed: Text(
            "{domain} pode enviar de novo", "O domínio {domain} da conta {account} está ativo: pode enviar de novo."),
        domainQuotaNear: Text(
            "{level} % do limite {period} de {domain} foi usado",
            "O domínio {domain} da conta {account} usou {level} % do seu limite {period}: {sent} de {limit} e-mails."),
        domainQuotaReached: Text(
            "O limite {period} de {domain} foi atingido",
            "O domínio {domain} da conta {account} enviou {sent} e-mails: o seu limite {period} de {limit} foi atingido."),
        domainReputation: Text(
            "A Amazon SES diz algo novo de {domain}",
            "Mudou o que a Amazon SES, que transporta o correio, diz da reputação do domínio {domain} da conta {account}."),
        domainVerified: Text("{domain} está verificado", "O domínio {domain} da conta {account} está verificado: pode enviar."),
        callbacksFailing: Text(
            "As notificações para {receiver} falham",
            "As notificações (callbacks) da conta {account} para {receiver} falham repetidamente. São tentadas de novo durante 28 horas e depois postas de lado; essas podem ser repetidas."
        ),
        day: "diário", month: "mensal", time: "Quando", reason: "Motivo",
        closing: "Recebe esta mensagem porque este endereço deve ser informado sobre a conta {account}.")
}
