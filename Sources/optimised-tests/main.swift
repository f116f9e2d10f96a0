import ConcurrencyTests
import DNSTests
import DatabaseTests
import EncodingTests
import FuzzTests
import JSONTests
import PolicyServerTests
import Testing

// The entry point that SwiftPM gives a test bundle; here in a program of the release build. Takes `--filter` as `swift test` does.
await Testing.__swiftPMEntryPoint() as Never
