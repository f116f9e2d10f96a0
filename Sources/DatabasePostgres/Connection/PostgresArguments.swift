import Database

/// The arguments of a statement in the form that libpq takes: types, bytes and formats (PostgreSQL, "libpq: Command Execution Functions").
///
/// Numbers and blobs go in binary form, text as it is. Every argument has its type named, so that nothing is left for the server to guess.
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
        case .null: add(nil, TypeID.unspecified)
        case .integer(let value): add(Self.bigEndian(UInt64(bitPattern: value)), TypeID.int8)
        case .real(let value): add(Self.bigEndian(value.bitPattern), TypeID.float8)
        case .text(let value): add(Array(value.utf8), TypeID.text)
        case .blob(let value): add(value, TypeID.bytea)
        }
    }

    private mutating func add(_ value: [UInt8]?, _ type: UInt32) {
        types.append(type)
        values.append(value)
    }

    private static func bigEndian(_ value: UInt64) -> [UInt8] {
        withUnsafeBytes(of: value.bigEndian) { Array($0) }
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
