/// For whom a task works: what is scarce is shared by it (``FairShares``), wherever in the program it is asked for.
///
/// Interfaces set it for each request that they have authenticated. Tasks that a task starts inherit it.
package enum Caller {
    /// The account or the operator, by a name of its own; `program` for what the program does by itself.
    @TaskLocal package static var current = "program"
}
