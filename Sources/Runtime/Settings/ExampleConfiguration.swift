/// A configuration to start from in production: an environment file of every setting with its meaning.
package enum ExampleConfiguration {
    /// The settings that should not keep their defaults in production, with the reasons.
    static let recommended: [String: (value: String, reason: String)] = [
        "public.url": ("https://mail.example.com", "Change it to your own."),
        "transport": ("ses", "AWS's own variables, at the end of this file, say which account."),
        "ses.configurationSet": ("martlet", "Without one SES publishes no opens, clicks and deliveries."),
        "sns.topicARNs": (
            "arn:aws:sns:eu-west-1:123456789012:ses-events",
            "Change it to your own: any AWS account can have a topic, and only yours is believed."
        ),
        "guillotine.minimumSent": (
            "100",
            "The documented rule judges from the first email on: one bounce among the first thirty would suspend a new customer. A hundred emails make a rate."
        ),
    ]

    /// Returns the file's text.
    ///
    /// - Parameter version: the version of the program, for the first line.
    package static func text(version: String) -> String {
        let header = """
            # Martlet \(version). Every setting with its meaning; a line without # is in effect.
            # Use it as `martlet serve --config FILE`, systemd's EnvironmentFile= or Docker's --env-file. Variables of the environment win.

            """
        return header + Settings.descriptions.map(entry).joined() + aws
    }

    private static let aws = """

        # The region of your SES account. AWS's own variables and files say which account: a role of the machine, AWS_PROFILE, or
        # AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
        # Change it to your own.
        AWS_REGION=eu-west-1

        """

    private static func entry(_ setting: SettingDescription) -> String {
        let values = "# Expected: \(setting.expected). Default: \(setting.fallback ?? "none").\n"
        guard let recommended = recommended[setting.key] else {
            return "\n# \(setting.meaning)\n\(values)#\(setting.variable)=\(setting.fallback ?? "")\n"
        }
        return "\n# \(setting.meaning)\n\(values)# \(recommended.reason)\n\(setting.variable)=\(recommended.value)\n"
    }
}
