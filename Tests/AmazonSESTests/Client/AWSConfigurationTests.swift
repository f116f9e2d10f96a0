import Testing

@testable import AmazonSES

struct AWSConfigurationTests {
    @Test(arguments: [
        (["AWS_REGION": "eu-west-1"], "eu-west-1", "https://email.eu-west-1.amazonaws.com/"),
        (["AWS_DEFAULT_REGION": "us-west-2", "AWS_REGION": ""], "us-west-2", "https://email.us-west-2.amazonaws.com/"),
        (["AWS_REGION": "cn-north-1"], "cn-north-1", "https://email.cn-north-1.amazonaws.com.cn/"),
        (["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:5000"], "us-east-1", "http://127.0.0.1:5000/"),
        (
            ["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:5000", "AWS_ENDPOINT_URL_SES": "http://127.0.0.1:6000"],
            "us-east-1",
            "http://127.0.0.1:6000/"
        ),
        (["AWS_CONFIG_FILE": "c"], "ap-south-1", "https://email.ap-south-1.amazonaws.com/"),
    ])
    func `finds region and endpoint`(_ environment: [String: String], _ region: String, _ endpoint: String) throws {
        let profile = SharedProfile(environment: environment) { $0 == "c" ? "[default]\nregion = ap-south-1\n" : nil }
        let configuration = try AWSConfiguration(environment: environment, profile: profile)
        #expect(configuration.region == region)
        #expect(configuration.sesEndpoint == endpoint)
        #expect(configuration.endpointOverride == environment["AWS_ENDPOINT_URL"])
    }

    @Test(arguments: [
        ([:], "AWS_REGION"), (["AWS_REGION": "us east"], "AWS_REGION"), (["AWS_REGION": "evil.test/"], "AWS_REGION"),
        (["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "localhost:5000"], "AWS_ENDPOINT_URL"),
        (["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_SES": "http://u:p@h/"], "AWS_ENDPOINT_URL_SES"),
        (["AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL_SES": "http://h/?q"], "AWS_ENDPOINT_URL_SES"),
    ])
    func `names an invalid variable`(_ environment: [String: String], _ variable: String) {
        let profile = SharedProfile(environment: [:]) { _ in nil }
        let error = #expect(throws: AWSConfiguration.Invalid.self) { try AWSConfiguration(environment: environment, profile: profile) }
        #expect(error?.variable == variable)
        #expect(error?.expected.isEmpty == false)
    }
}
