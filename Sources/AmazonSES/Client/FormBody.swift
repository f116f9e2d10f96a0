/// A request of AWS's Query protocol: `Action=…&Version=…&Name=value…` in `application/x-www-form-urlencoded`.
struct FormBody {
    private(set) var bytes: [UInt8]

    /// - Parameter action: an action of the SES API, version 2010-12-01.
    init(action: String) {
        bytes = Array("Action=\(action)&Version=2010-12-01".utf8)
    }

    /// - Parameter name: a name that needs no encoding.
    mutating func add(_ name: String, _ value: String) {
        begin(name)
        bytes.append(percentEncoding: value.utf8)
    }

    mutating func add(_ name: String, base64 data: [UInt8]) {
        begin(name)
        Base64.append(data, percentEncodedTo: &bytes)
    }

    private mutating func begin(_ name: String) {
        bytes.append(UInt8(ascii: "&"))
        bytes.append(contentsOf: name.utf8)
        bytes.append(UInt8(ascii: "="))
    }
}
