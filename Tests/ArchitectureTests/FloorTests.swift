import Testing

/// Holds what `docs/architecture.md` says about floors. A new room has to be given its floor here.
struct FloorTests {
    /// Every room of the product and its floor. A room imports only from floors below its own.
    static let floors = [
        "JSON": 0, "MailModel": 0,
        "Database": 1, "DatabasePostgres": 1, "DatabaseSQLite": 1, "Storage": 1, "AmazonSES": 1, "DNS": 1, "MIME": 1, "Metering": 1,
        "Periodic": 1,
        "SMTP": 1,
        "Access": 2, "Outbound": 2, "Sending": 2, "Recipients": 2, "Feedback": 2, "Callbacks": 2, "Reports": 2,
        "Web": 3,
        "Dashboard": 4, "HTTPAPI": 4, "Operations": 4, "PolicyServer": 4,
        "martlet": 5,
    ]

    /// Stand on their own floor's protocol: the driver makes it true, storage speaks it.
    private static let neighbours: Set = [
        "DNS -> CResolver", "MailModel -> CIDN2", "DatabasePostgres -> Database", "DatabasePostgres -> CLibPQ",
        "DatabaseSQLite -> Database",
        "Storage -> Database", "Storage -> Metering",
    ]

    /// Not part of the product: nothing of it may import them.
    private static let tools: Set = ["TestSupport", "optimised-tests", "policy-load", "ses-sink"]

    /// System libraries in words that Swift understands.
    private static let shims: Set = ["CIDN2", "CLibPQ", "CResolver"]

    private static let rooms = SourceRoom.all.filter { !tools.contains($0.name) && !shims.contains($0.name) }

    @Test func everyRoomHasAFloor() {
        #expect(Set(Self.rooms.map(\.name)) == Set(Self.floors.keys))
        #expect(Self.rooms.allSatisfy { !$0.files.isEmpty })
    }

    @Test(arguments: rooms)
    func importsComeFromBelow(_ room: SourceRoom) throws {
        let floor = try #require(Self.floors[room.name])
        for imported in room.imports where !Self.neighbours.contains("\(room.name) -> \(imported)") {
            #expect(Self.floors[imported, default: -1] < floor, "\(room.name) imports \(imported)")
            #expect(!Self.tools.contains(imported), "\(room.name) imports \(imported)")
        }
    }

    @Test(arguments: rooms.filter { floors[$0.name] == 0 })
    func valuesAndRulesStandAlone(_ room: SourceRoom) {
        // libidn2 has pure functions only.
        #expect(room.imports.subtracting(["Swift", "Synchronization", "FoundationEssentials", "CIDN2"]) == [])
    }

    @Test(arguments: rooms.filter { floors[$0.name, default: 0] < 3 })
    func requestsAreTheDoorsBusiness(_ room: SourceRoom) {
        #expect(room.imports.filter { $0.hasPrefix("Hummingbird") || $0.hasPrefix("HTTPTypes") } == [])
    }

    @Test(arguments: rooms.filter { floors[$0.name, default: 0] > 1 })
    func nobodyAboveKnowsSQL(_ room: SourceRoom) {
        #expect(room.lines(matching: /\b(?:SELECT [\w*]|INSERT INTO|DELETE FROM|CREATE TABLE|UPDATE \w+ SET )/) == [])
        // What a database could not do becomes an answer at the door; everything else of it stays below.
        #expect(room.lines(matching: /\bDatabase(?:Transaction|Row|Value)\b|\bany Database\b/) == [])
        #expect(room.name == "martlet" || room.imports.isDisjoint(with: ["DatabasePostgres", "DatabaseSQLite", "GRDB"]))
    }

    @Test(arguments: SourceRoom.all)
    func nothingIsForced(_ room: SourceRoom) {
        #expect(room.lines(matching: /\btry! |\bas! |\bfatalError\(/) == [])
    }
}
