import MailModel
import Testing

@testable import AmazonSES

struct WebURLParameterTests {
    @Test func `gives the values of parameters`() {
        let url = WebURL("https://h/?Action=A&T=arn%3Ax&Action=B&E&%41=z")
        #expect(url?.values(of: "Action") == ["A", "B"])
        #expect(url?.values(of: "T") == ["arn:x"])
        #expect(url?.values(of: "E") == [""])
        #expect(url?.values(of: "A") == ["z"])
        #expect(url?.values(of: "none") == [])
    }
}
