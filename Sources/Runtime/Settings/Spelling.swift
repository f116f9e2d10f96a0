/// The search for the name that was probably meant by a misspelt one.
package enum Spelling {
    /// Returns the known name with the smallest edit distance.
    ///
    /// - Parameter tolerance: the largest distance.
    /// - Returns: `nil` where none is that close.
    package static func nearest(to name: String, among known: [String], within tolerance: Int) -> String? {
        let distances = known.map { (name: $0, distance: editDistance(Array(name.utf8), Array($0.utf8))) }
        guard let nearest = distances.min(by: { $0.distance < $1.distance }), nearest.distance <= tolerance else { return nil }
        return nearest.name
    }

    /// Returns how many bytes have to be inserted, removed or replaced to turn one text into the other (Levenshtein distance).
    private static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
        var row = Array(0...right.count)
        for (i, byte) in left.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, other) in right.enumerated() {
                let replaced = diagonal + (byte == other ? 0 : 1)
                diagonal = row[j + 1]
                row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
            }
        }
        return row[right.count]
    }
}
