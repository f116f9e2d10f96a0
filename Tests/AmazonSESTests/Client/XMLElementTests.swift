import Testing

@testable import AmazonSES

struct XMLElementTests {
    @Test func `reads an answer of SES`() throws {
        let text = """
            <?xml version="1.0" encoding="UTF-8"?>
            <GetXResponse xmlns="http://ses.amazonaws.com/doc/2010-12-01/">
              <GetXResult a='>'><entry><key>a &amp; b &#60;&#x3e;</key><value/></entry></GetXResult >
              <ResponseMetadata><RequestId>1</RequestId></ResponseMetadata>
            </GetXResponse>
            """
        let document = try XMLElement(document: Array(text.utf8))
        #expect(document.name == "GetXResponse")
        #expect(document["GetXResult"]?["entry"]?["key"]?.text == "a & b <>")
        #expect(document["GetXResult"]?["entry"]?["value"] == XMLElement(name: "value"))
        #expect(document["ResponseMetadata"]?["RequestId"]?.text == "1")
    }

    @Test(arguments: [
        "", "text", "<a>", "<a></b>", "<a", "<a/>x", "<a/><b/>", "<a b/>", "<a b=c/>", "<a b='c/>", "<>x</>", "<a>&unknown;</a>",
        "<a>&amp</a>",
        "<a>&#xD800;</a>", "<a>&#x110000;</a>", "<a>&#-1;</a>", "<!DOCTYPE a [<!ENTITY x 'y'>]><a>&x;</a>", "<a><![CDATA[x]]></a>",
        "<a><!-- x --></a>",
        String(repeating: "<a>", count: 17) + String(repeating: "</a>", count: 17),
    ])
    func `refuses XML that SES never sends`(_ text: String) {
        #expect(throws: XMLError.self) { try XMLElement(document: Array(text.utf8)) }
    }

    @Test func `survives arbitrary input`() {
        let sample = Array(
            "<?xml version=\"1.0\"?><E xmlns=\"u\"><Error><Code>Throttling</Code><Message>a &amp; b &#38;</Message></Error><R/></E>".utf8)
        var generator = SystemRandomNumberGenerator()
        var understood = 0
        for _ in 0..<20_000 {
            var mutated = sample
            for _ in 0...Int.random(in: 0...4, using: &generator) where mutated.count > 1 {
                let index = Int.random(in: 0..<mutated.count, using: &generator)
                switch Int.random(in: 0..<4, using: &generator) {
                case 0: mutated[index] = .random(in: 0...255, using: &generator)
                case 1: mutated.insert(sample[Int.random(in: 0..<sample.count, using: &generator)], at: index)
                case 2 where mutated.count > 1: mutated.remove(at: index)
                default: mutated = Array(mutated[..<max(index, 1)])
                }
            }
            if (try? XMLElement(document: mutated)) != nil { understood += 1 }
        }
        #expect(understood < 20_000)
    }
}
