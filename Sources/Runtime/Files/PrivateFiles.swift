import Glibc

/// A file that cannot be read or created, or that must not be used.
package struct FileError: Error, Equatable, CustomStringConvertible {
    /// The path of the file.
    package var path: String
    /// The reason: the system's message, or what is wrong with the file and what to do about it.
    package var explanation: String

    /// The path and the reason.
    package var description: String { "\(path): \(explanation)" }

    init(path: String, explanation: String) {
        self.path = path
        self.explanation = explanation
    }

    /// Returns the error of the system call that has just failed.
    static func last(_ path: String) -> FileError {
        FileError(path: path, explanation: String(cString: strerror(errno)))
    }
}

/// Files and folders that only their owner can read (specification 12.1).
package enum PrivateFiles {
    /// Returns the folder part of a path; `.` when it has none.
    package static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    /// Creates a folder, and those above it, with mode 0700 where they do not exist.
    ///
    /// What exists keeps its mode.
    package static func createFolder(_ path: String) throws(FileError) {
        if mkdir(path, 0o700) == 0 || errno == EEXIST { return }
        let above = folder(of: path)
        guard errno == ENOENT, above != path, above != "." else { throw .last(path) }
        try createFolder(above)
        if mkdir(path, 0o700) != 0, errno != EEXIST { throw .last(path) }
    }

    /// Returns whether a file or folder exists at a path.
    package static func exists(_ path: String) -> Bool {
        access(path, F_OK) == 0
    }

    /// Returns whether no other user may read or write a file; true where there is none.
    static func isPrivate(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_mode & 0o077 == 0
    }

    /// Returns the whole content of a file; `nil` when there is no such file.
    ///
    /// - Parameter isSecret: whether a file that other users may read is refused.
    package static func read(_ path: String, isSecret: Bool = true) throws(FileError) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            if errno == ENOENT { return nil }
            throw .last(path)
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw .last(path) }
        if isSecret, status.st_mode & 0o077 != 0 {
            throw FileError(path: path, explanation: "can be read by other users; make it private with: chmod 600 \(path)")
        }
        return try content(of: descriptor, path: path)
    }

    private static func content(of descriptor: Int32, path: String) throws(FileError) -> [UInt8] {
        var content: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65_536)
        while true {
            let count = Glibc.read(descriptor, &buffer, buffer.count)
            if count == 0 { return content }
            if count > 0 { content += buffer[..<count] } else if errno != EINTR { throw .last(path) }
        }
    }

    /// Creates a file with mode 0600, with all of its content or not at all.
    ///
    /// - Returns: false when the file exists; it stays as it is.
    static func create(_ path: String, content: [UInt8]) throws(FileError) -> Bool {
        let draft = "\(path).\(getpid())"
        unlink(draft)
        let descriptor = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw .last(draft) }
        defer {
            close(descriptor)
            unlink(draft)
        }
        guard write(descriptor, content, content.count) == content.count, fsync(descriptor) == 0 else { throw .last(draft) }
        if link(draft, path) == 0 { return true }
        guard errno == EEXIST else { throw .last(path) }
        return false
    }
}
