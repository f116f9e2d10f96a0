package import Logging
import MailModel

/// A log handler that writes each message as one line, in one call: JSON for programs, text for people.
///
/// JSON lines have `at`, `level`, `message`, `logger`, then the metadata by its dotted keys. Metadata under the key of a secret, such as
/// `token`, is written as `redacted`.
package struct LineLogHandler: LogHandler {
    /// The least severe level that is written.
    package var logLevel: Logger.Level
    /// The metadata of the logger, written with each message.
    package var metadata: Logger.Metadata = [:]
    /// The provider of metadata of the current task.
    package var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let format: LogFormat
    private let output: LogOutput

    /// Creates a handler.
    ///
    /// - Parameters:
    ///   - label: the name of the logger, such as `martlet.delivery`.
    ///   - level: the least severe level that is written.
    ///   - format: the format of lines.
    ///   - output: the output, shared by all loggers.
    ///   - metadataProvider: the provider of metadata of the current task.
    package init(label: String, level: Logger.Level, format: LogFormat, output: LogOutput, metadataProvider: Logger.MetadataProvider? = nil)
    {
        self.label = label
        self.format = format
        self.output = output
        self.metadataProvider = metadataProvider
        logLevel = level
    }

    /// The value of the logger's metadata for a key; `nil` for none.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes a message as one line.
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

    /// Returns the metadata of the logger, the provider and the message, sorted by key.
    ///
    /// A later source replaces an earlier one.
    private func fields(of event: LogEvent) -> [(key: String, value: Logger.MetadataValue)] {
        guard !metadata.isEmpty || metadataProvider != nil || event.error != nil else {
            return event.metadata?.sorted { $0.key < $1.key } ?? []
        }
        var fields = metadata
        if let provided = metadataProvider?.get() { fields.merge(provided) { _, new in new } }
        if let given = event.metadata { fields.merge(given) { _, new in new } }
        if let error = event.error { fields["error"] = "\(error)" }
        return fields.sorted { $0.key < $1.key }
    }
}

/// The format of log lines.
package enum LogFormat: String, Sendable, CaseIterable {
    /// A JSON object.
    case json
    /// Time, level, message and `key=value` pairs.
    case text
}

extension Settings.Log {
    /// Returns the configured format, with `auto` resolved.
    ///
    /// - Parameter isTerminal: whether lines are written to a terminal.
    package func format(onTerminal isTerminal: Bool) -> LogFormat {
        switch format {
        case .json: .json
        case .text: .text
        case .auto: isTerminal ? .text : .json
        }
    }
}
