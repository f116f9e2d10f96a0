import Glibc

/// A blocking connection to a policy daemon.
final class Connection {
    private let descriptor: Int32
    private var buffer = [UInt8](repeating: 0, count: 4096)

    /// Connects to a port of 127.0.0.1; `nil` where nothing listens there.
    init?(port: UInt16) {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        let connected = withUnsafePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        guard connected == 0 else { return nil }
        var on: Int32 = 1
        setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
        // A daemon that does not answer ends the measurement of this connection.
        var limit = timeval(tv_sec: 30, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit {
        close(descriptor)
    }

    /// Sends a request and waits for its answer.
    ///
    /// - Returns: the first word of the action, in capitals; `nil` when the connection broke.
    func ask(_ request: String) -> String? {
        let bytes = Array(request.utf8)
        guard send(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count else { return nil }
        var length = 0
        while length < 2 || buffer[length - 2..<length] != [10, 10] {
            let count = buffer.withUnsafeMutableBytes { recv(descriptor, $0.baseAddress?.advanced(by: length), $0.count - length, 0) }
            guard count > 0 else { return nil }
            length += count
        }
        let answer = String(decoding: buffer[..<length], as: UTF8.self).uppercased()
        return answer.hasPrefix("ACTION=") ? answer.dropFirst(7).split(whereSeparator: \.isWhitespace).first.map { String($0) } : nil
    }
}
