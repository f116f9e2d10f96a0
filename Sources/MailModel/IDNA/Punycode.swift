/// The encoding of Unicode in the letters of a domain label (RFC 3492).
enum Punycode {
    private static let base = 36
    private static let firstCodePoint = 128
    private static let firstBias = 72
    private static let delimiter = UInt8(ascii: "-")
    /// More than any delta of a label of 63 scalars; arithmetic that stays below cannot overflow.
    private static let limit = 64 << 21

    /// The digits for `scalars`, without the `xn--`.
    static func encode(_ scalars: [Unicode.Scalar]) -> String {
        var output = scalars.filter(\.isASCII).map { UInt8($0.value) }
        let basicCount = output.count
        if basicCount > 0 { output.append(delimiter) }
        var (codePoint, delta, bias, handled) = (firstCodePoint, 0, firstBias, basicCount)
        while let next = scalars.lazy.map({ Int($0.value) }).filter({ $0 >= codePoint }).min() {
            delta += (next - codePoint) * (handled + 1)
            for scalar in scalars {
                if scalar.value < next { delta += 1 }
                guard scalar.value == next else { continue }
                write(delta, bias: bias, to: &output)
                handled += 1
                bias = adapted(to: delta, count: handled, isFirst: handled == basicCount + 1)
                delta = 0
            }
            delta += 1
            codePoint = next + 1
        }
        return String(decoding: output, as: UTF8.self)
    }

    /// The scalars that `digits` stand for; `nil` where they stand for none.
    static func decode(_ digits: [UInt8]) -> [Unicode.Scalar]? {
        let end = digits.lastIndex(of: delimiter)
        var output = digits[..<(end ?? 0)].map { Unicode.Scalar($0) }
        var rest = digits[(end.map { $0 + 1 } ?? 0)...]
        var (codePoint, index, bias) = (firstCodePoint, 0, firstBias)
        while !rest.isEmpty {
            guard let delta = readInteger(from: &rest, bias: bias) else { return nil }
            let count = output.count + 1
            bias = adapted(to: delta, count: count, isFirst: index == 0)
            codePoint += (index + delta) / count
            index = (index + delta) % count
            guard let scalar = UInt32(exactly: codePoint).flatMap({ Unicode.Scalar($0) }) else { return nil }
            output.insert(scalar, at: index)
            index += 1
        }
        return output
    }

    /// Writes a number in digits of variable base.
    private static func write(_ number: Int, bias: Int, to output: inout [UInt8]) {
        var rest = number
        var position = base
        while case let threshold = threshold(at: position, bias: bias), rest >= threshold {
            output.append(digit(threshold + (rest - threshold) % (base - threshold)))
            rest = (rest - threshold) / (base - threshold)
            position += base
        }
        output.append(digit(rest))
    }

    private static func readInteger(from digits: inout ArraySlice<UInt8>, bias: Int) -> Int? {
        var number = 0
        var weight = 1
        var position = base
        while let value = digits.popFirst().flatMap(value), weight < limit {
            number += value * weight
            guard number < limit else { return nil }
            let threshold = threshold(at: position, bias: bias)
            if value < threshold { return number }
            weight *= base - threshold
            position += base
        }
        return nil
    }

    private static func threshold(at position: Int, bias: Int) -> Int {
        min(max(position - bias, 1), 26)
    }

    /// RFC 3492 section 6.1.
    private static func adapted(to delta: Int, count: Int, isFirst: Bool) -> Int {
        var delta = isFirst ? delta / 700 : delta / 2
        delta += delta / count
        var bias = 0
        while delta > (base - 1) * 26 / 2 {
            delta /= base - 1
            bias += base
        }
        return bias + base * delta / (delta + 38)
    }

    private static func digit(_ value: Int) -> UInt8 {
        UInt8(value < 26 ? 0x61 + value : 0x30 + value - 26)
    }

    private static func value(_ digit: UInt8) -> Int? {
        switch digit {
        case UInt8(ascii: "a")...UInt8(ascii: "z"): Int(digit) - 0x61
        case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(digit) - 0x30 + 26
        default: nil
        }
    }
}
