import Database
package import MailModel

extension Store {
    /// How many months have their partition before they begin.
    package static let monthsAhead: Int64 = 3

    /// Creates the partitions of the present month and the next ones, where the engine has any.
    ///
    /// Most calls find them.
    ///
    /// Rows of a month without partition are in the default one, so that none is refused. A month of which rows are there already gets no
    /// partition any more: its rows are found like others, and deleted one by one.
    ///
    /// - Parameter first: the first month; `nil` for the present one.
    /// - Returns: the names of the partitions that were not created for that reason.
    /// - Throws: ``StorageError/unavailable(_:)`` when a lock was not granted in time; the next call creates what is missing.
    @discardableResult
    package func makePartitions(from first: CalendarMonth? = nil) async throws -> [String] {
        guard let database = database as? any PartitionedDatabase else { return [] }
        let present = now.month
        let months = (min(first ?? present, present).number...present.number + Self.monthsAhead).map(CalendarMonth.init(number:))
        var refused: [String] = []
        do {
            for table in MonthlyTable.emails + MonthlyTable.search + MonthlyTable.callbacks + MonthlyTable.audit {
                let made = Set(try await database.partitions(of: table.name))
                for partition in months.map(table.partition) where !made.contains(partition.name) {
                    if try await !database.make(partition) { refused.append(partition.name) }
                }
            }
        } catch {
            throw StorageError.mapping(error)
        }
        return refused
    }

    /// Drops the partitions of which all rows are older than their period, where the engine has any.
    ///
    /// A month with an email or callback that is still to be sent stays, and so do the month of the newest one and later ones, whatever the
    /// clock's time.
    ///
    /// - Returns: the names of the dropped partitions.
    /// - Throws: as ``makePartitions(from:)`` does.
    package func dropPartitions(_ periods: RetentionPeriods) async throws -> [String] {
        guard let database = database as? any PartitionedDatabase else { return [] }
        do {
            let dropped =
                try await drop(MonthlyTable.callbacks, olderThan: now - periods.callbacks, from: database)
                + drop(MonthlyTable.audit, olderThan: now - periods.audit, from: database)
            guard let period = periods.emails else { return dropped }
            return try await dropped + drop(MonthlyTable.emails + MonthlyTable.search, olderThan: now - period, from: database)
        } catch {
            throw StorageError.mapping(error)
        }
    }

    /// - Parameter tables: the first one determines the months that are dropped, the others follow it.
    private func drop(
        _ tables: [MonthlyTable], olderThan time: Timestamp, from database: any PartitionedDatabase
    ) async throws -> [String] {
        var dropped: [String] = []
        var kept: Set<CalendarMonth> = []
        // Without rows no month has to stay.
        let last = try await newestRow(of: tables[0], in: database)?.month ?? now.month
        for (index, table) in tables.enumerated() {
            let old = try await database.partitions(of: table.name).compactMap(table.month)
                .filter { $0.next.start <= time && $0 < last }
            for month in old where !kept.contains(month) {
                let partition = table.partition(month)
                if index == 0, table.hasQueue, try await isOpen(partition) {
                    kept.insert(month)
                } else {
                    try await database.drop(partition)
                    dropped.append(partition.name)
                }
            }
        }
        return dropped
    }

    /// Returns the time of the newest row, except for rows of a clock ahead; `nil` where there is none.
    private func newestRow(of table: MonthlyTable, in database: any PartitionedDatabase) async throws -> Timestamp? {
        let end = EmailID.lowest(at: now)
        return try await database.read { transaction in
            try transaction.first(
                "SELECT \(table.column) FROM \(table.name) WHERE \(table.column) < ?1 ORDER BY \(table.column) DESC LIMIT 1", [.id(end)]
            ) { try $0.emailID(0).time }
        }
    }

    /// Whether a partition has rows that are still due.
    private func isOpen(_ partition: Partition) async throws -> Bool {
        try await database.read { transaction in
            try transaction.first("SELECT 1 FROM \(partition.name) WHERE due_at IS NOT NULL LIMIT 1") { _ in true } ?? false
        }
    }
}
