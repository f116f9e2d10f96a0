import Glibc
import Runtime

/// The checks that need neither the database nor the network: settings that are for trying things out, and the free space of the disk.
struct ProductionChecks {
    /// The free space below which the disk is about to be full: some of the write-ahead log's largest.
    private static let leastFree: UInt64 = 512 << 20

    private let settings: Settings

    init(_ settings: Settings) {
        self.settings = settings
    }

    func examine() -> [Finding] {
        [trial, disk].compactMap(\.self)
    }

    /// What must not be in production, which is where the public URL has https; `nil` elsewhere.
    private var trial: Finding? {
        guard let url = settings.publicURL, url.hasPrefix("https:") else { return nil }
        var faults: [String] = []
        if settings.transport == .capture { faults.append("MARTLET_TRANSPORT=capture mails nothing") }
        if !settings.sns.verifySignatures {
            faults.append("MARTLET_SNS_VERIFY_SIGNATURES=false lets anybody report bounces")
        }
        return Finding(
            "production", isWell: faults.isEmpty,
            faults.isEmpty ? "no setting is for trials only" : "\(url) is public, but \(faults.joined(separator: "; "))")
    }

    /// The space beside the database file; `nil` for a server of PostgreSQL, whose disk cannot be seen from here.
    private var disk: Finding? {
        guard case .sqlite = settings.database, let free = Self.freeBytes(of: settings.database.folder) else { return nil }
        return Finding("disk", isWell: free >= Self.leastFree, "\(free >> 20) MiB are free in \(settings.database.folder)")
    }

    private static func freeBytes(of folder: String) -> UInt64? {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return nil }
        return UInt64(status.f_bavail) * UInt64(status.f_frsize)
    }
}
