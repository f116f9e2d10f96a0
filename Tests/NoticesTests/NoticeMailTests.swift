import MailModel
import Testing

@testable import Notices

struct NoticeMailTests {
    private static func stored(_ event: AccountNotice.Event, level: QuotaUse.Level? = nil) -> StoredNotice {
        var notice = AccountNotice(event, explanation: "bounce rate 5.1 %")
        if event.rawValue.hasPrefix("domain.") { notice.domain = DomainName(validated: "shop.example") }
        notice.quota = level.map { QuotaUse(period: .day, level: $0, limit: 1000, sent: 817) }
        if event == .callbacksFailing { notice.receiver = "hooks.example" }
        return StoredNotice(
            id: 1, accountID: 2, accountReference: "acme {limit}", at: Timestamp(milliseconds: 1_781_524_800_000), notice: notice)
    }

    private static let all: [StoredNotice] = AccountNotice.Event.allCases.flatMap { event -> [StoredNotice] in
        event == .accountQuota || event == .domainQuota
            ? QuotaUse.Level.allCases.map { stored(event, level: $0) } : [stored(event)]
    }

    @Test(arguments: all, NoticeLanguage.allCases)
    func `Every kind has a text in every language, with all its places filled`(stored: StoredNotice, language: NoticeLanguage) {
        let mail = NoticeMail(stored, in: language)
        #expect(!mail.subject.isEmpty && mail.subject.utf8.count < 200 && !mail.subject.contains("\n"))
        // The braces of the account's own name stay as they are.
        let text = (mail.subject + mail.text).replacing("acme {limit}", with: "")
        #expect(!text.contains("{") && !text.contains("}"), "\(text)")
        #expect(mail.text.contains("acme {limit}"))
        if let domain = stored.notice.domain { #expect(mail.subject.contains("\(domain)") && mail.text.contains("\(domain)")) }
        if stored.notice.quota != nil { #expect(mail.text.contains("817") && mail.text.contains("1000")) }
    }

    @Test(arguments: NoticeLanguage.allCases)
    func `No two kinds have the same subject`(language: NoticeLanguage) {
        let subjects = Self.all.map { NoticeMail($0, in: language).subject }
        #expect(Set(subjects).count == subjects.count)
    }

    @Test(arguments: [
        (NoticeLanguage.english, "80 % of the daily limit of shop.example is used"),
        (.spanish, "Se ha usado el 80 % del límite diario de shop.example"),
        (.portuguese, "80 % do limite diário de shop.example foi usado"),
    ])
    func `A quota is told in the contact's language`(language: NoticeLanguage, subject: String) {
        #expect(NoticeMail(Self.stored(.domainQuota, level: .near), in: language).subject == subject)
    }
}
