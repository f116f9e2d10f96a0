import MailModel
import TestSupport
import Testing

struct EmailIDTests {
    @Test func `Ids sort by time, as values, as bytes and as text`() {
        var generator = SeededGenerator(seed: 1)
        let ids = [0, 1, 999, 1_000, 1_700_000_000_000, 1_700_000_000_001, 1 << 47].map {
            EmailID(at: Timestamp(milliseconds: $0), using: &generator)
        }
        #expect(ids == ids.sorted())
        #expect(ids.map(\.description) == ids.map(\.description).sorted())
        #expect(zip(ids, ids.dropFirst()).allSatisfy { $0.bytes.lexicographicallyPrecedes($1.bytes) })
    }

    @Test(arguments: [0, UInt64.max, 0x0123_4567_89AB_CDEF])
    func `Version and variant are those of RFC 9562, whatever the random bits`(random: UInt64) {
        var generator = ConstantGenerator(value: random)
        let text = Array(EmailID(at: Timestamp(milliseconds: 0x0192_F0C1_2345), using: &generator).description)
        #expect(String(text[0..<13]) == "0192f0c1-2345")
        #expect(text[14] == "7")
        #expect("89ab".contains(text[19]))
    }

    @Test func `Text and bytes read back`() throws {
        var generator = SeededGenerator(seed: 2)
        for time in [0, 1_700_000_000_000] as [Int64] {
            let id = EmailID(at: Timestamp(milliseconds: time), using: &generator)
            #expect(EmailID(id.description) == id)
            #expect(EmailID(id.description.uppercased()) == id)
            #expect(EmailID(bytes: id.bytes) == id)
        }
    }

    @Test(arguments: [
        "", "x", "0192f0c1-2345-7abc-8def-0123456789a", "0192f0c1-2345-7abc-8def-0123456789abc", "0192f0c1_2345-7abc-8def-0123456789ab",
        "0192f0c1-2345-7abc-8def-0123456789ag", "0192f0c123457abc8def0123456789abcdef", "0192f0c1-2345-7abc-8def-0123456789é",
        "------------------------------------",
    ])
    func `Other text is no id`(text: String) {
        #expect(EmailID(text) == nil)
    }

    @Test func `Fifteen and seventeen bytes are no id`() {
        #expect(EmailID(bytes: Array(repeating: 0, count: 15)) == nil)
        #expect(EmailID(bytes: Array(repeating: 0, count: 17)) == nil)
    }

    @Test func `The lowest id of a time lies before every id of it and after every earlier one`() {
        let time = Timestamp(milliseconds: 1_700_000_000_000)
        var least = ConstantGenerator(value: 0)
        var greatest = ConstantGenerator(value: .max)
        #expect(EmailID.lowest(at: time) <= EmailID(at: time, using: &least))
        #expect(EmailID(at: time - .milliseconds(1), using: &greatest) < EmailID.lowest(at: time))
    }
}
