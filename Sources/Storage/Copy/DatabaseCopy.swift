import Database

/// A copy of a database into another one, which is empty and has the same schema, with verification.
///
/// Nothing may write to either of them meanwhile. Rows are copied in the order of their keys, a page per transaction together with the progress:
/// an interrupted copy is resumed by running it again.
struct DatabaseCopy {
    let source: any DatabaseEngine
    let destination: any DatabaseEngine
    let progress: @Sendable (CopyReport.Step) -> Void

    func run() async throws -> CopyReport {
        let tables = try await source.read { try TableShape.all(in: $0) }
        try await checkDestination(has: tables)
        let begun = try await begin(tables)
        progress(.began(total: try await total(tables), copied: begun.values.reduce(0) { $0 + $1.rows }))
        for table in tables { try await copy(table, after: begun[table.name]?.lastKey) }
        try await copyCounters()
        let counts = try await verify(tables)
        try await destination.write { try CopyProgress.end(in: $0) }
        return CopyReport(tables: counts, resumed: begun.values.contains { $0.rows > 0 })
    }

    private func checkDestination(has tables: [TableShape]) async throws {
        let others = try await destination.read { try TableShape.all(in: $0) }
        for table in tables where !others.contains(where: table.matches) {
            throw CopyError.differentSchemas(table: table.name)
        }
    }

    /// - Returns: the progress of an earlier run.
    private func begin(_ tables: [TableShape]) async throws -> [String: CopyProgress.Entry] {
        try await destination.write { transaction in
            let earlier = try CopyProgress.read(tables, in: transaction)
            guard earlier.isEmpty else { return earlier }
            try CopyProgress.begin(tables, in: transaction)
            return [:]
        }
    }

    private func total(_ tables: [TableShape]) async throws -> Int64 {
        try await source.read { transaction in
            try tables.reduce(0) { sum, table in
                sum + (try transaction.first("SELECT COUNT(*) FROM \(table.name)") { $0.integer(0) } ?? 0)
            }
        }
    }

    /// Copies a table.
    ///
    /// The next page is read while the previous one is written.
    private func copy(_ table: TableShape, after key: [DatabaseValue]?) async throws {
        var (rows, pages) = try await next(TablePages(table, after: key))
        while !rows.isEmpty {
            let position = pages
            async let following = next(position)
            try await write(rows, into: table)
            progress(.copied(rows: rows.count))
            (rows, pages) = try await following
        }
    }

    private func next(_ pages: TablePages) async throws -> ([[DatabaseValue]], TablePages) {
        try await source.read { transaction in
            var pages = pages
            return (try pages.next(in: transaction), pages)
        }
    }

    private func write(_ rows: [[DatabaseValue]], into table: TableShape) async throws {
        try await destination.write { transaction in
            for row in rows { try transaction.add(row, by: table.insertion) }
            try CopyProgress.advance(table, by: rows, in: transaction)
        }
    }

    /// Copies the numbering of keys, so that the numbers of deleted rows are not used again.
    private func copyCounters() async throws {
        let counters = try await source.read { transaction in
            try transaction.query(transaction.dialect.identityCounters, []) { ($0.text(0), $0.integer(1)) }
        }
        try await destination.write { transaction in
            for (table, last) in counters where TableShape.isCopied(table) {
                _ = try transaction.query(transaction.dialect.setIdentityCounter, [.text(table), .integer(last)]) { _ in }
            }
        }
    }

    private func verify(_ tables: [TableShape]) async throws -> [CopyReport.Table] {
        var counts: [CopyReport.Table] = []
        for table in tables {
            progress(.verifies(table: table.name))
            async let there = digest(table, in: destination)
            let here = try await digest(table, in: source)
            guard try await here == there else {
                throw CopyError.differs(table: table.name, source: here.rows, destination: try await there.rows)
            }
            counts.append(CopyReport.Table(name: table.name, rows: here.rows))
        }
        return counts
    }

    private func digest(_ table: TableShape, in database: any DatabaseEngine) async throws -> TableDigest {
        try await database.read { transaction in
            var digest = TableDigest()
            var pages = TablePages(table)
            while true {
                let rows = try pages.next(in: transaction)
                guard !rows.isEmpty else { return digest }
                for row in rows { digest.add(row) }
            }
        }
    }
}
