import Database

/// A check of a node's readiness for requests.
package struct ReadinessCheck: Sendable, Equatable {
    /// The name of the check in one word, such as `writes`.
    package var name: String
    /// Why it fails, in a sentence; `nil` where it succeeds.
    package var problem: String?

    /// A check; without a problem one that succeeds.
    package init(_ name: String, problem: String? = nil) {
        self.name = name
        self.problem = problem
    }
}

extension Store {
    /// Checks whether the database can be read and written.
    ///
    /// Where no commit succeeded for a few seconds, or the last one failed, a row of a table of its own is written, at most every two seconds. So a
    /// node without traffic detects a full disk, and one with traffic writes nothing additional.
    package func readiness() async -> [ReadinessCheck] {
        [await reads(), await writes()]
    }

    private func reads() async -> ReadinessCheck {
        do {
            // Any query would do; the table exists after the migrations.
            _ = try await read { try $0.accounts.find(0) }
            return ReadinessCheck("reads")
        } catch {
            return ReadinessCheck("reads", problem: "The database does not answer")
        }
    }

    private func writes() async -> ReadinessCheck {
        if writeHealth.shouldProbe() {
            // After a full disk, more than most emails take, to show that there is space for them.
            let bytes = writeHealth.sawFullDisk ? 1 << 20 : 0
            do {
                try await write { try $0.writeProbe(bytes: bytes) }
                writeHealth.probeSucceeded()
            } catch {
                writeHealth.probeFailed()
            }
        }
        return ReadinessCheck("writes", problem: writeHealth.problem)
    }
}

extension Transaction {
    /// Writes the row of the write probe.
    ///
    /// - Parameter bytes: the size of its content until the next probe.
    func writeProbe(bytes: Int) throws {
        let filling = DatabaseValue.blob(Array(repeating: 0, count: bytes))
        try sql.execute(
            """
            INSERT INTO write_probe (id, written_at, filling) VALUES (1, ?1, ?2)
            ON CONFLICT (id) DO UPDATE SET written_at = ?1, filling = ?2
            """, [.timestamp(now), filling])
    }
}
