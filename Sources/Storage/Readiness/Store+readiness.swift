import Database

/// One condition of a node's readiness to take requests.
package struct ReadinessCheck: Sendable, Equatable {
    /// One word, such as `writes`.
    package var name: String
    /// Why it does not hold, in a sentence; `nil` where it does.
    package var problem: String?

    package init(_ name: String, problem: String? = nil) {
        self.name = name
        self.problem = problem
    }
}

extension Store {
    /// Whether the database can be read, and written to.
    ///
    /// Where no commit succeeded for a few seconds, or the last one failed, a row of a table of its own is written: at most every two seconds,
    /// however many ask. So a node without traffic knows of a full disk, and one with traffic writes nothing more.
    package func readiness() async -> [ReadinessCheck] {
        [await reads(), await writes()]
    }

    private func reads() async -> ReadinessCheck {
        do {
            // Any query would do; this one touches a table that is there after the migrations.
            _ = try await read { try $0.accounts.find(0) }
            return ReadinessCheck("reads")
        } catch {
            return ReadinessCheck("reads", problem: "The database does not answer")
        }
    }

    private func writes() async -> ReadinessCheck {
        if writeHealth.shouldProbe() {
            // More than most emails, where it is to show that there is room for them.
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
    /// Writes the row that is there to be written.
    ///
    /// - Parameter bytes: how much it holds until it is written next.
    func writeProbe(bytes: Int) throws {
        let filling = DatabaseValue.blob(Array(repeating: 0, count: bytes))
        try sql.execute(
            """
            INSERT INTO write_probe (id, written_at, filling) VALUES (1, ?1, ?2)
            ON CONFLICT (id) DO UPDATE SET written_at = ?1, filling = ?2
            """, [.timestamp(now), filling])
    }
}
