import Foundation

enum NodeName {
    /// New at each start, so that a node never takes the leases of its former self for its own.
    static func make() -> String {
        "\(ProcessInfo.processInfo.hostName)-\(ProcessInfo.processInfo.processIdentifier)-\(UInt32.random(in: .min ... .max))"
    }
}
