import ArgumentParser
import JSON
import MailModel
import Outbound
import Runtime

extension DomainCommand {
    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Ask SES to verify a domain: prints the DNS records to set, and where it stands.",
            discussion: "Run it again after the records are set. Exit code 0 whether or not the domain is verified yet.")

        @Argument(help: "The domain's name.")
        var name: String

        @OptionGroup var configuration: ConfigurationOptions
        @OptionGroup var format: FormatOptions

        func run() async throws {
            let (settings, source, _) = try configuration.workable()
            let (records, status) = try await OpenStore.use(settings) { store in
                let provider = try Provider(settings, environment: source.environment, store: store, logger: .quiet)
                return try await provider.use {
                    let service = VerificationService(store: store, identities: provider.identities)
                    let records = try await service.start(name, by: .master)
                    let status = try await service.status(name, by: .master)
                    return (records, status)
                }
            }
            show(records, status)
        }

        private func show(_ records: VerificationRecords, _ status: SESVerification) {
            let rows: [JSONObject] = records.dnsRecords.map {
                ["type": .string($0.type), "name": .string($0.name), "value": .string($0.value)]
            }
            let standing: JSONObject = [
                "name": .string(records.domain.description), "ses_verified": .bool(status.isVerified),
                "verification_status": .string(status.identity.rawValue), "dkim_status": .string(status.dkim.rawValue),
            ]
            if format.asJSON {
                var whole = standing
                whole["dns_records"] = .array(rows.map { .object($0) })
                Output.show(whole, asJSON: true)
            } else {
                Output.show(rows, asJSON: false)
                Output.show(standing, asJSON: false)
            }
        }
    }
}
