import MailModel
import Testing

struct Base64TextTests {
    @Test(arguments: [
        ("Zg", "multiple of 4 characters, found 2"), ("Zg=", "found 3"), ("Z===", "character 2 "), ("====", "character 1 "),
        ("Zg==Zg==", "character 3 "), ("Zh==", "bits"), ("Zm9=", "bits"), ("Zm9v ", "character 5 "), ("Zm9v\nZm9v", "character 5 "),
        ("Zm-_", "character 3 "), ("Zm9v=", "found 5"), ("Zé==", "character 2 "), ("data:;base64,Zg==", "character 5 "),
    ])
    func `what is no base64 is refused with its place`(_ text: String, _ place: String) {
        let fault = #expect(throws: Base64Text.Fault.self) { try Base64Text.decoded(text) }
        #expect(fault?.description.contains(place) == true, "\(fault?.description ?? "")")
    }
}
