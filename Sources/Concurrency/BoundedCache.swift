import DequeModule

/// Values by their keys, of which the oldest leaves when there are too many.
///
/// The age of an entry counts from ``insert(_:for:)``. An age by time is the caller's: it stores the time in its values.
package struct BoundedCache<Key: Hashable, Value> {
    /// The maximum of entries.
    package let capacity: Int

    /// Each value with the number of its insertion.
    private var entries: [Key: (value: Value, number: UInt64)] = [:]
    /// The keys in the order of their insertions.
    ///
    /// Those of entries that were removed or replaced since are skipped.
    private var insertions = Deque<(key: Key, number: UInt64)>()
    private var lastNumber: UInt64 = 0

    /// An empty cache.
    ///
    /// - Parameter capacity: the maximum of entries, at least 1.
    package init(capacity: Int) {
        precondition(capacity > 0)
        self.capacity = capacity
    }

    /// The number of entries.
    package var count: Int { entries.count }

    /// The value of a key; `nil` for an unknown key.
    package subscript(key: Key) -> Value? {
        entries[key]?.value
    }

    /// Stores a value as the newest entry, in place of an earlier one of the key.
    ///
    /// The oldest entry is removed where there are too many.
    package mutating func insert(_ value: Value, for key: Key) {
        lastNumber += 1
        insertions.append((key, lastNumber))
        entries[key] = (value, lastNumber)
        if entries.count > capacity { removeOldest() }
        if insertions.count > 2 * capacity { insertions.removeAll { entries[$0.key]?.number != $0.number } }
    }

    /// Replaces the value of an entry, whose age stays; does nothing for an unknown key.
    package mutating func update(_ value: Value, for key: Key) {
        entries[key]?.value = value
    }

    /// Removes the entry of a key, if there is one.
    package mutating func remove(_ key: Key) {
        entries[key] = nil
    }

    /// Removes all entries.
    package mutating func removeAll() {
        entries.removeAll()
        insertions.removeAll()
    }

    private mutating func removeOldest() {
        while let oldest = insertions.popFirst() {
            guard entries[oldest.key]?.number == oldest.number else { continue }
            entries[oldest.key] = nil
            return
        }
    }
}

extension BoundedCache: Sendable where Key: Sendable, Value: Sendable {}
