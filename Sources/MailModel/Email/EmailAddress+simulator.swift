extension EmailAddress {
    /// Whether the address belongs to the capture transport's simulator: its events show the feedback path, and it is never suppressed,
    /// so that it can be used again.
    package var isSimulator: Bool {
        domain.description == "simulator.martlet.test"
    }
}
