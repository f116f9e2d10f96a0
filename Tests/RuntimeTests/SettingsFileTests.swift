import MailModel
import Testing

@testable import Runtime

struct SettingsFileTests {
    @Test(arguments: [
        #"{"http": {"port": 9001}, "sns": {"topicARNs": ["\#(arn)"], "verifySignatures": false}, "guillotine": {"bouncePercent": 2.5}}"#,
        #"{"http.port": "9001", "sns.topicARNs": "\#(arn)", "sns": {"verifySignatures": "false"}, "guillotine.bouncePercent": "2.5"}"#,
    ])
    func jsonIsRead(_ json: String) throws {
        let settings = try Settings.read(source(json))
        #expect(settings.http.port == 9001)
        #expect(settings.sns == Settings.SNS(topicARNs: [arn], verifySignatures: false))
        #expect(settings.guillotine.bouncePercent.description == "2.5")
    }

    @Test func environmentWins() throws {
        let settings = try Settings.read(source(#"{"http": {"port": 9001, "host": "::1"}}"#, environment: ["MARTLET_HTTP_PORT": "9002"]))
        #expect(settings.http == Settings.HTTP(host: "::1", port: 9002))
    }

    @Test(arguments: [
        (#"{"http": {"port": "x"}}"#, #"http.port in martlet.json is "x": expected a whole number from 1 to 65535"#),
        (#"{"http": {"prot": 1}}"#, "http.prot is no setting: did you mean http.port?"),
    ])
    func faultsOfAFileAreNamedByKey(json: String, problem: String) throws {
        let error = #expect(throws: SettingsError.self) { try Settings.read(source(json)) }
        #expect(error?.problems == [problem])
    }

    @Test(arguments: ["[]", "{", #"{"http": {"port": null}}"#, #"{"roles": [1]}"#, #"{"http.port": 1, "http": {"port": 2}}"#])
    func malformedJSONIsRefused(_ json: String) {
        let error = #expect(throws: SettingsError.self) { try source(json) }
        #expect(error?.problems.first?.hasPrefix("martlet.json: ") == true)
    }

    @Test func environmentFileIsRead() throws {
        let file = """
            # a comment

            MARTLET_HTTP_PORT=9001
            MARTLET_PUBLIC_URL="https://mail.example.com"
              AWS_REGION = 'eu-west-1'
            """
        let source = try SettingsSource(environment: ["MARTLET_HTTP_PORT": "9002"], file: Array(file.utf8), name: "martlet.env")
        let settings = try Settings.read(source)
        #expect(settings.http.port == 9002)
        #expect(settings.publicURL == "https://mail.example.com")
        #expect(source.environment["AWS_REGION"] == "eu-west-1")
    }

    @Test func malformedLinesAreNamed() {
        let file = "MARTLET_HTTP_PORT=1\nwhat\n=3"
        let error = #expect(throws: SettingsError.self) {
            try SettingsSource(environment: [:], file: Array(file.utf8), name: "martlet.env")
        }
        #expect(error?.problems == ["martlet.env, line 2: expected NAME=value", "martlet.env, line 3: expected NAME=value"])
    }

    /// The example is accepted, and differs from the defaults where it says so.
    @Test func exampleIsAValidConfiguration() throws {
        let example = ExampleConfiguration.text(version: "1.0.0")
        let settings = try Settings.read(SettingsSource(environment: [:], file: Array(example.utf8), name: "example.env"))
        #expect(settings.guillotine.minimumSent == 100)
        #expect(settings.transport == .ses)
        for setting in Settings.descriptions {
            #expect(example.contains("\(setting.variable)="))
        }
    }

    private func source(_ json: String, environment: [String: String] = [:]) throws -> SettingsSource {
        try SettingsSource(environment: environment, file: Array(json.utf8), name: "martlet.json")
    }
}
