import NIOCore
import PolicyServer
import TestSupport
import Testing

struct PolicyFuzzTests {
    /// Of any bytes in any pieces comes a request, a fault or a wait for more, and no more is buffered than a line may have.
    @Test func randomBytesAreRequestsOrFaults() {
        var generator = SeededGenerator(seed: 5)
        let seeds = [
            Array(PolicyRequest.sample().encoded.utf8),
            Array((PolicyRequest.sample { $0.sender = "" }.encoded + PolicyRequest.sample().encoded).utf8),
            Array("request=smtpd_access_policy\n\n".utf8),
        ]
        var (requests, faults) = (0, 0)
        for _ in 0..<SeededGenerator.rounds {
            let seed = seeds[Int.random(in: 0..<seeds.count, using: &generator)]
            let bytes = seed.mutated(times: 1...8, using: &generator)
            let cut = Int.random(in: 0...bytes.count, using: &generator)
            let processor = NIOSingleStepByteToMessageProcessor(PolicyRequestDecoder(), maximumBufferSize: 2 * PolicyLimits.lineLength)
            do {
                for piece in [bytes[..<cut], bytes[cut...]] {
                    try processor.process(buffer: ByteBuffer(bytes: piece)) { request in
                        requests += 1
                        precondition(PolicyAction(.reject, request.sender).encoded.utf8.count(where: { $0 == UInt8(ascii: "\n") }) == 2)
                    }
                }
            } catch {
                precondition(error is PolicyFault)
                faults += 1
            }
        }
        #expect(requests > SeededGenerator.rounds / 20 && faults > SeededGenerator.rounds / 20)
    }

    /// Requests with any bytes in the attributes that clients of the mail server control.
    @Test func randomAddressesAreChargedWithinBounds() {
        var generator = SeededGenerator(seed: 6)
        let sender = Array("news@shop.example".utf8)
        for _ in 0..<SeededGenerator.rounds / 4 {
            let request = PolicyRequest.sample {
                $0.sender = String(decoding: sender.mutated(times: 1...6, using: &generator), as: UTF8.self)
                $0.saslUsername = String(decoding: sender.mutated(times: 1...6, using: &generator), as: UTF8.self)
                $0.recipientCount = Int64.random(in: 0 ... .max, using: &generator)
            }
            for rules in allRules {
                if case .charge(let charge) = rules.question(in: request) {
                    precondition((1...100_000).contains(charge.recipients) && charge.key?.count == 16)
                }
            }
        }
    }
}
