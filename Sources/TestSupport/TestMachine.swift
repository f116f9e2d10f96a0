package import MailModel
package import Storage
import Synchronization

/// The clocks of a machine in a test: they stand still until they are moved, and can be moved apart.
package final class TestMachine: Sendable {
    private let state: Mutex<(wall: Timestamp, monotonic: Int64)>

    /// Begins at 2026-06-15T12:00:00Z, an hour after the machine was started.
    package init(wall: Timestamp = Timestamp(milliseconds: 1_781_524_800_000)) {
        state = Mutex((wall, 3_600_000_000_000))
    }

    package var clocks: MachineClocks {
        MachineClocks(wall: { self.state.withLock { $0.wall } }, monotonic: { self.state.withLock { $0.monotonic } })
    }

    package var wall: Timestamp { state.withLock { $0.wall } }

    /// Time passes.
    package func pass(_ duration: Duration) {
        state.withLock { ($0.wall, $0.monotonic) = ($0.wall + duration, $0.monotonic + duration.milliseconds * 1_000_000) }
    }

    /// Somebody sets the wall clock.
    package func setWall(by duration: Duration) {
        state.withLock { $0.wall = $0.wall + duration }
    }
}

extension MachineClocks {
    /// This machine's clocks, with a wall clock that is off.
    package static func system(offBy offset: Duration) -> MachineClocks {
        MachineClocks(wall: { system.wall() + offset }, monotonic: system.monotonic)
    }
}
