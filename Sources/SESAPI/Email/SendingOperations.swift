import MailModel
import Sending

/// The calls that send: `SendEmail`, `SendRawEmail`, `SendTemplatedEmail`, `SendBulkTemplatedEmail` and `SendBulkEmail`.
struct SendingOperations: Sendable {
    let submission: Submission

    /// The most destinations of a bulk call (Amazon SES API reference).
    static let mostDestinations = 50

    /// Accepts an email, and returns its message id.
    func send(_ message: SESMessage, _ caller: SESCaller) async throws -> String {
        let request = try message.request()
        do {
            let acceptance = try await submission.accept(request, by: caller.principal)
            return acceptance.email.id.description
        } catch let refusal as Refusal where refusal.kind == .badFrom {
            throw SESFault.rejected(sender: message.source, region: caller.region, refusal.explanation)
        }
    }

    /// Accepts a message as it came, and returns its message id.
    func send(_ raw: RawSubmission, from sender: String?, _ caller: SESCaller) async throws -> String {
        do {
            let acceptance = try await submission.accept(raw, by: caller.principal)
            return acceptance.email.id.description
        } catch let refusal as Refusal where refusal.kind == .badFrom {
            throw SESFault.rejected(sender: sender ?? "the header's From", region: caller.region, refusal.explanation)
        }
    }

    /// The outcome of one email of a bulk call.
    struct BulkOutcome {
        let status: BulkStatus
        var messageID: String?
        var error: String?
    }

    /// Accepts emails, each on its own.
    func send(_ messages: [Result<SESMessage, SESFault>], _ caller: SESCaller) async throws -> [BulkOutcome] {
        let requests = messages.map { message in
            message.flatMap { message -> Result<EmailRequest, SESFault> in
                do throws(SESFault) { return .success(try message.request()) } catch { return .failure(error) }
            }
        }
        var accepted = await submission.accept(requests.compactMap { try? $0.get() }, by: caller.principal)[...]
        return requests.map { request in
            switch request {
            case .failure(let fault): return BulkOutcome(status: fault.bulk, error: fault.message)
            case .success:
                switch accepted.popFirst() {
                case .success(let acceptance): return BulkOutcome(status: .success, messageID: acceptance.email.id.description)
                case .failure(let error):
                    let fault = SESFault(error) ?? .internalFailure
                    return BulkOutcome(status: fault.bulk, error: fault.message)
                case nil: return BulkOutcome(status: .failed, error: SESFault.internalFailure.message)
                }
            }
        }
    }

    static func checkBulk(count: Int) throws(SESFault) {
        guard (1...mostDestinations).contains(count) else {
            throw .invalid("Expected 1 to \(mostDestinations) destinations, found \(count).")
        }
    }
}
