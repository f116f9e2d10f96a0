extension Array {
    /// As many elements as the next power of two, the last one repeated: a few statements serve every number of them. For lists with an element.
    public var padded: [Element] {
        var count = 1
        while count < self.count { count *= 2 }
        return self + Array(repeating: self[self.count - 1], count: count - self.count)
    }
}

extension [DatabaseValue] {
    /// A place for each value, to stand in brackets.
    public var places: String { Self.places(count) }

    /// The first places of a statement, to stand in brackets.
    static func places(_ count: Int) -> String {
        (1...count).map { "?\($0)" }.joined(separator: ", ")
    }
}
