import ArgumentParser

@main
struct Martlet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Self-hosted outbound email on Amazon SES.")
}
