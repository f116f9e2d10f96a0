import Database
package import MailModel

extension Store {
    /// How many months have their partition before they begin.
    package static let monthsAhead: Int64 = 3

    /// Makes the partitions of the present month and the next ones, where the engine has any. Most calls find them made.
    ///
    /// Rows of a month without partition lie in a part of their own for such rows; nothing is refused for want of a partition. A month of which
    /// rows lie there already gets no partition any more: its rows are found like others, and deleted one by one.
    ///
    /// - Parameter first: begin with this month.
    /// - Returns: the names of the partitions that could not be made for that reason.
    /// - Throws: ``StorageError/unavailable(_:)`` when somebody was in the way for too long; what is missing is made by the next call.
    @discardableResult
    package func makePartitions(from first: CalendarMonth? = nil) async throws -> [String] {
        guard let database = database as? any PartitionedDatabase else { return [] }
        let present = now.month
        let months = (min(first ?? present, present).number...present.number + Self.monthsAhead).map(CalendarMonth.init(number:))
        var refused: [String] = []
        do {
            for table in MonthlyTable.emails + MonthlyTable.callbacks {
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

    /// Drops the partitions of which every row is older than it has to be, where the engine has any. A month with an email or callback that is
    /// still to be sent stays, and so does the month of the newest one and what comes after it, whatever the clock says.
    ///
    /// - Returns: the names of those that are gone.
    /// - Throws: as ``makePartitions(from:)`` does.
    package func dropPartitions(_ periods: RetentionPeriods) async throws -> [String] {
        guard let database = database as? any PartitionedDatabase else { return [] }
        do {
            let callbacks = try await drop(MonthlyTable.callbacks, olderThan: now - periods.callbacks, from: database)
            guard let period = periods.emails else { return callbacks }
            return try await callbacks + drop(MonthlyTable.emails, olderThan: now - period, from: database)
        } catch {
            throw StorageError.mapping(error)
        }
    }

    /// - Parameter tables: the first one says which months may go, the others follow it.
    private func drop(
        _ tables: [MonthlyTable], olderThan time: Timestamp, from database: any PartitionedDatabase
    ) async throws -> [String] {
        var dropped: [String] = []
        var kept: Set<CalendarMonth> = []
        // Without rows there is nothing to lose.
        let last = try await newestRow(of: tables[0], in: database)?.month ?? now.month
        for (index, table) in tables.enumerated() {
            let old = try await database.partitions(of: table.name).compactMap(table.month)
                .filter { $0.next.start <= time && $0 < last }
            for month in old where !kept.contains(month) {
                let partition = table.partition(month)
                if index == 0, try await isOpen(partition) {
                    kept.insert(month)
                } else {
                    try await database.drop(partition)
                    dropped.append(partition.name)
                }
            }
        }
        return dropped
    }

    /// When the newest row was made, those aside that a clock ahead has made; `nil` where there is none.
    private func newestRow(of table: MonthlyTable, in database: any PartitionedDatabase) async throws -> Timestamp? {
        let end = EmailID.lowest(at: now)
        return try await database.read { transaction in
            try transaction.first(
                "SELECT \(table.column) FROM \(table.name) WHERE \(table.column) < ?1 ORDER BY \(table.column) DESC LIMIT 1", [.id(end)]
            ) { try $0.emailID(0).time }
        }
    }

    /// Whether something of a partition is still to be done.
    private func isOpen(_ partition: Partition) async throws -> Bool {
        try await database.read { transaction in
            try transaction.first("SELECT 1 FROM \(partition.name) WHERE due_at IS NOT NULL LIMIT 1") { _ in true } ?? false
        }
    }
}
