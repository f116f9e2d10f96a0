import Hummingbird
import MailModel
import Sending
import Web

/// The pages of an unsubscribe link, in the reader's language.
struct UnsubscribePage {
    private let language: String
    private let words: UnsubscribeWords

    /// - Parameter acceptLanguage: the header field.
    init(acceptLanguage: String?) {
        language = AcceptLanguage(acceptLanguage).choice(of: PublicPage.languages)
        words = UnsubscribeWords.words(in: language)
    }

    /// The page for the state of a link: the question, or the result.
    func page(_ status: UnsubscribeLinkStatus) -> Response {
        switch status {
        case .invitation(let invitation): page(invitation)
        case .resubscribed(let invitation): page(words.resubscribed, HTML.paragraph(words.mayWriteAgain, invitation))
        case .expired: page(words.expired, HTML.paragraph(words.oldLink), .gone)
        case .unknown: page(words.notValid, HTML.paragraph(words.unknownLink), .notFound)
        }
    }

    private func page(_ invitation: UnsubscribeService.Invitation) -> Response {
        switch invitation.unsubscribed {
        case nil: page(words.ask, question(invitation))
        case .sender?: page(words.done, done(words.doneForSender, invitation))
        case .account?: page(words.done, done(words.doneForAll, invitation))
        }
    }

    private func question(_ invitation: UnsubscribeService.Invitation) -> HTML {
        """
        \(HTML.paragraph(words.question, invitation))
        <form method="post"><p><label><input type="checkbox" name="scope" value="account"> \(words.fromAll)</label></p>
        <button type="submit">\(words.unsubscribe)</button></form>
        """
    }

    private func done(_ sentence: String, _ invitation: UnsubscribeService.Invitation) -> HTML {
        """
        \(HTML.paragraph(sentence, invitation))
        <form method="post"><p>\(words.mistake)</p><input type="hidden" name="action" value="resubscribe">
        <button type="submit">\(words.resubscribe)</button></form>
        """
    }

    private func page(_ title: String, _ content: HTML, _ status: HTTPResponse.Status = .ok) -> Response {
        PublicPage(language: language, title: title, content: content, status: status).response
    }
}

extension HTML {
    /// The recipient's address is masked: whoever else has the link, such as a forwarded message's reader, must not learn it.
    fileprivate static func paragraph(_ sentence: String, _ invitation: UnsubscribeService.Invitation? = nil) -> HTML {
        let values = invitation.map { ["sender": $0.sender.description, "recipient": $0.recipient.masked] } ?? [:]
        return "<p>\(HTML.sentence(sentence, values))</p>"
    }
}
