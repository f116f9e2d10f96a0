import Database

/// The arguments of a statement in the form that libpq takes: types, bytes and formats (PostgreSQL, "libpq: Command Execution Functions").
///
/// All values are sent in binary form, each with its type, so that the server infers none.
struct PostgresArguments {
    private(set) var types: [UInt32] = []
    private var values: [[UInt8]?] = []

    /// Object ids of types in the system catalogue, which never change.
    private enum TypeID {
        static let unspecified: UInt32 = 0
        static let bytea: UInt32 = 17
        static let int8: UInt32 = 20
        static let text: UInt32 = 25
        static let float8: UInt32 = 701
    }

    init(_ arguments: [DatabaseValue]) {
        types.reserveCapacity(arguments.count)
        values.reserveCapacity(arguments.count)
        for argument in arguments { add(argument) }
    }

    private mutating func add(_ argument: DatabaseValue) {
        switch argument {
        case .null: types.append(TypeID.unspecified)
        case .integer: types.append(TypeID.int8)
        case .real: types.append(TypeID.float8)
        case .text: types.append(TypeID.text)
        case .blob: types.append(TypeID.bytea)
        }
        values.append(argument.postgresBytes)
    }

    /// Calls `body` with the arrays that libpq reads; they hold for that long.
    func withPointers<Result>(
        _ body: (_ count: Int32, _ values: UnsafePointer<UnsafePointer<CChar>?>?, _ lengths: [Int32], _ formats: [Int32]) -> Result
    ) -> Result {
        // One buffer for all: a pointer into each array on its own would not outlive its closure.
        var buffer: [CChar] = []
        var offsets: [Int?] = []
        for value in values {
            offsets.append(value.map { _ in buffer.count })
            if let value {
                value.withUnsafeBytes { buffer.append(contentsOf: $0.bindMemory(to: CChar.self)) }
                // In binary form the text type is the text itself; the zero keeps empty values from having no address.
                buffer.append(0)
            }
        }
        return buffer.withUnsafeBufferPointer { bytes in
            let pointers = offsets.map { offset in offset.flatMap { bytes.baseAddress?.advanced(by: $0) } }
            return pointers.withUnsafeBufferPointer { pointers in
                body(
                    Int32(values.count), pointers.baseAddress, values.map { Int32($0?.count ?? 0) },
                    Array(repeating: 1, count: values.count))
            }
        }
    }
}

extension DatabaseValue {
    /// The value in PostgreSQL's binary form; `nil` for NULL.
    var postgresBytes: [UInt8]? {
        switch self {
        case .null: nil
        case .integer(let value): UInt64(bitPattern: value).bigEndianBytes
        case .real(let value): value.bitPattern.bigEndianBytes
        case .text(let value): Array(value.everywhereStorable.utf8)
        case .blob(let value): value
        }
    }
}

extension FixedWidthInteger {
    /// The bytes in network order.
    var bigEndianBytes: [UInt8] {
        withUnsafeBytes(of: bigEndian) { Array($0) }
    }
}
