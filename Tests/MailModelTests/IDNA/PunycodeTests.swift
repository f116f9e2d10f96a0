import Testing

@testable import MailModel

struct PunycodeTests {
    /// The samples of RFC 3492 section 7.1 that are lower case or need no mapping, and some of the field.
    @Test(arguments: [
        ("ليهمابتكلموشعربي؟", "egbpdaj6bu4bxfgehfvwxn"), ("他们为什么不说中文", "ihqwcrb4cv8a8dqg056pqjye"),
        ("他們爲什麽不說中文", "ihqwctvzc91f659drss3x8bo0yb"),
        ("למההםפשוטלאמדבריםעברית", "4dbcagdahymbxekheh6e0a7fei0b"), ("なぜみんな日本語を話してくれないのか", "n8jok5ay5dzabd5bym9f0cm5685rrjetr6pdxa"),
        ("почемужеонинеговорятпорусски", "b1abfaaepdrnnbgefbadotcwatmq2g4l"), ("3年b組金八先生", "3b-ww4c5e180e575a65lsy2b"),
        ("安室奈美恵-with-super-monkeys", "-with-super-monkeys-pc58ag80a8qai00g7n9n"), ("ひとつ屋根の下2", "2-u9tlzr9756bt3uc0v"),
        ("パフィーdeルンバ", "de-jg4avhby1noc0d"),
        ("そのスピードで", "d9juau41awczczp"), ("bücher", "bcher-kva"), ("ü", "tda"), ("faß", "fa-hia"), ("i❤", "i-7iq"), ("💩", "ls8h"),
        ("abc", "abc-"), ("", ""),
    ])
    func `Encodes and decodes`(text: String, digits: String) {
        let scalars = Array(text.unicodeScalars)
        #expect(Punycode.encode(scalars) == digits)
        #expect(Punycode.decode(Array(digits.utf8)) == scalars)
    }

    @Test(arguments: [
        "bcher-kv", "bcher-k!a", "-", "a-", "99999999", "zzzzzzzzzzzzzzzzzzzz", "bcher-KVA",
        "9999999999999999999999999999999999999999999999999999999999999",
    ])
    func `Digits that stand for nothing do not crash`(digits: String) {
        let decoded = Punycode.decode(Array(digits.utf8))
        #expect(decoded == nil || decoded?.allSatisfy(\.isASCII) == true)
    }
}
