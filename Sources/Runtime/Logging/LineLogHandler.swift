package import Logging
import MailModel

/// Writes each message as one line, in one call: JSON for programs, text for people.
///
/// JSON lines have `at`, `level`, `message`, `logger`, then the metadata by its dotted keys. Metadata whose key says that it is a secret
/// is not written: a safety net under the rule that nobody logs one.
package struct LineLogHandler: LogHandler {
    package var logLevel: Logger.Level
    package var metadata: Logger.Metadata = [:]
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat
    private let output: LogOutput

    /// - Parameters:
    ///   - label: the logger's name, such as `martlet.delivery`.
    ///   - output: shared by all loggers.
    package init(label: String, level: Logger.Level, format: LogFormat, output: LogOutput, metadataProvider: Logger.MetadataProvider? = nil)
    {
        self.label = label
        self.format = format
        self.output = output
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    package func log(event: LogEvent) {
        let line = LogLine(
            level: event.level, message: event.message.description, logger: label, metadata: fields(of: event))
        output.write { time in
            switch format {
            case .json: line.json(at: time)
            case .text: line.text(at: time)
            }
        }
    }

    /// The logger's own metadata, the provider's and the message's, the latter before the former, by name.
    private func fields(of event: LogEvent) -> [(key: String, value: Logger.MetadataValue)] {
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let given = event.metadata { fields.merge(given) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        return fields.sorted { $0.key < $1.key }
    }
}

package enum LogFormat: String, Sendable, CaseIterable {
    case json, text
}

extension Settings.Log {
    /// The format that `auto` stands for.
    package func format(onTerminal isTerminal: Bool) -> LogFormat {
        switch format {
        case .json: .json
        case .text: .text
        case .auto: isTerminal ? .text : .json
        }
    }
}
