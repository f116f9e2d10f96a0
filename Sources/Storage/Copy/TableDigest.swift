import Database

/// The digest of a table's rows, independent of their order.
///
/// It detects accidents, not forgery.
struct TableDigest: Equatable, Sendable {
    private(set) var rows: Int64 = 0
    private var sum: UInt64 = 0

    mutating func add(_ row: [DatabaseValue]) {
        var hash = FNV()
        for value in row { hash.add(value) }
        rows += 1
        sum &+= hash.mixed
    }
}

/// The FNV-1a hash of 64 bits (draft-eastlake-fnv), each value with its kind and length before it.
private struct FNV {
    private var state: UInt64 = 0xcbf2_9ce4_8422_2325

    mutating func add(_ value: DatabaseValue) {
        switch value {
        case .null: add(0, [])
        case .integer(let value): withUnsafeBytes(of: value.littleEndian) { add(1, $0) }
        case .real(let value): withUnsafeBytes(of: value.bitPattern.littleEndian) { add(2, $0) }
        case .text(let value): add(3, value.utf8)
        case .blob(let value): add(4, value)
        }
    }

    private mutating func add(_ kind: UInt8, _ bytes: some Collection<UInt8>) {
        add(kind)
        withUnsafeBytes(of: UInt64(bytes.count).littleEndian) { $0.forEach { add($0) } }
        bytes.forEach { add($0) }
    }

    private mutating func add(_ byte: UInt8) {
        state = (state ^ UInt64(byte)) &* 0x100_0000_01b3
    }

    /// The hash with all bits mixed (the finalizer of SplitMix64), so that sums distinguish rows.
    var mixed: UInt64 {
        var mixed = (state ^ state >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}
