/// A setting as people read of it: in `docs/configuration.md`, in `martlet check-config --example`, in messages.
package struct SettingDescription: Sendable, Equatable {
    /// The name in a configuration file, such as `http.port`.
    package var key: String
    /// The name in the environment, such as `MARTLET_HTTP_PORT`.
    package var variable: String
    /// The default as one would write it; `nil` where there is none.
    package var fallback: String?
    /// What a value looks like: `a whole number from 1 to 65535`.
    package var expected: String
    package var meaning: String
    /// Its value is never shown.
    package var isSecret: Bool

    /// `MARTLET_` + the key in capitals, dots and the humps of camel case to underscores (specification 14.1).
    static func variable(of key: String) -> String {
        var name = "MARTLET_"
        var last: Character = "."
        for character in key {
            if last.isLowercase, character.isUppercase { name.append("_") }
            name.append(character == "." ? "_" : character.uppercased())
            last = character
        }
        return name
    }
}
