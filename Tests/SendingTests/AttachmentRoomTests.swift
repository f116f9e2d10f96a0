import Testing

@testable import Sending

@Suite(.timeLimit(.minutes(1)))
struct AttachmentRoomTests {
    @Test func whoFindsNoRoomWaitsForIt() async {
        let room = AttachmentRoom(bytes: 10)
        await room.take(6)
        await room.take(4)
        #expect(!room.isFull)
        // More than there is at all gets all of it.
        async let large: Void = room.take(99)
        while !room.isFull { await Task.yield() }
        // Small enough, but behind another.
        async let small: Void = room.take(1)
        room.giveBack(6)
        #expect(room.isFull)
        room.giveBack(4)
        await large
        #expect(room.isFull)
        room.giveBack(99)
        await small
        #expect(!room.isFull)
    }
}
