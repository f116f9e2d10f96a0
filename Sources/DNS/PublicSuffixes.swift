import CPSL
package import MailModel

/// The Public Suffix List of the system, by libpsl: the names below which anybody can register names, such as `com.br` and `co.uk`, also those of
/// hosting companies.
///
/// The list is the file of Debian's package `publicsuffix`, which is updated by the system; where there is none, the one that libpsl was built with.
package final class PublicSuffixes: Sendable {
    /// The list of the system, read once.
    package static let system = PublicSuffixes()

    /// Never changed after it was read, so that every thread may ask it.
    ///
    /// `nil` where there is no list: then no name is a suffix.
    private nonisolated(unsafe) let list: OpaquePointer?

    private init() {
        list = psl_latest(nil)
    }

    deinit {
        psl_free(list)
    }

    /// Whether a name is a public suffix, under which others register their names.
    package func contains(_ name: DomainName) -> Bool {
        guard let list else { return false }
        // Without the rule `*`, by which every single label would be one.
        return psl_is_public_suffix2(list, name.description, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) == 1
    }
}
