import Encoding

/// The parameters of a call of the Query protocol: those of a form, of bounded number, each once.
struct FormParameters {
    /// The most parameters of a call: 50 destinations with their addresses and tags are some hundred.
    static let maximumCount = 10_000

    private let values: [String: String]

    /// - Throws: ``SESFault`` for what is no form in UTF-8, for a parameter that is given twice, and for too many of them.
    init(_ body: [UInt8]) throws(SESFault) {
        var values: [String: String] = [:]
        let items = body.split(separator: UInt8(ascii: "&"), maxSplits: Self.maximumCount)
        guard items.count <= Self.maximumCount else { throw .malformed("The request has more than \(Self.maximumCount) parameters.") }
        for item in items {
            let end = item.firstIndex(of: UInt8(ascii: "=")) ?? item.endIndex
            guard let name = Self.decode(item[..<end]), let value = Self.decode(item[end...].dropFirst()) else {
                throw .malformed("The request is not a form of percent-encoded UTF-8.")
            }
            guard values.updateValue(value, forKey: name) == nil else { throw .malformed("A parameter is given twice.") }
        }
        self.values = values
    }

    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        guard let text = String(validating: bytes, as: UTF8.self) else { return nil }
        return PercentEncoding.decode(text, plusIsSpace: true)
    }

    /// The value of a parameter; `nil` where it is not given.
    subscript(name: String) -> String? { values[name] }

    /// The value of a parameter that has to be given.
    func required(_ name: String) throws(SESFault) -> String {
        guard let value = values[name], !value.isEmpty else { throw .missing(name) }
        return value
    }

    /// Whether a structure is given: a parameter of that name, or one below it.
    func contains(_ prefix: String) -> Bool {
        values.keys.contains { $0 == prefix || $0.hasPrefix(prefix + ".") }
    }

    /// The values of a list: `name.member.1`, `name.member.2` and so on.
    func list(_ name: String) -> [String] {
        var list: [String] = []
        while let value = values["\(name).member.\(list.count + 1)"] { list.append(value) }
        return list
    }

    /// The number of structures in a list, each of which has one of some members.
    func count(_ name: String, members: [String]) -> Int {
        var count = 0
        while members.contains(where: { contains("\(name).member.\(count + 1).\($0)") }) { count += 1 }
        return count
    }
}
