import Foundation

/// The variables that the program was started with.
func processEnvironment() -> [String: String] {
    ProcessInfo.processInfo.environment
}
