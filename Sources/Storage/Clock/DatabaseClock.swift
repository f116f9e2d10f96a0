package import MailModel
import Synchronization

/// The clock on which all nodes of a database agree.
///
/// With a database server it is the server's time, read every few seconds (``synchronize(with:)``) and advanced by the machine's monotonic clock
/// in between. Without one it is the machine's wall clock at the start, advanced in the same way. Small differences are followed; jumps of the
/// wall clock are not.
///
/// Reading it takes one system call in user space (vDSO), and no lock. It never goes back, except where the server's own clock was set back.
package final class DatabaseClock: Sendable {
    /// The offset above which a wall clock counts as wrong.
    package static let bound: Duration = .seconds(30)
    /// The offset within which a wrong wall clock counts as right again; less than ``bound``, so that it does not alternate.
    static let rightWithin: Duration = .seconds(29)
    /// How far the time moves towards the wall clock in one ``check()``, where there is no server.
    static let largestStep: Duration = .milliseconds(250)

    /// A change that ``check()`` has found.
    package enum Change: Sendable, Equatable {
        /// The machine's wall clock is wrong now.
        case wentWrong
        /// The machine's wall clock is right again.
        case becameRight
    }

    private let machine: MachineClocks
    /// Whether the time is a server's; otherwise it follows the wall clock of this machine.
    package let hasServer: Bool
    /// The time in nanoseconds since 1970 at which the monotonic clock was zero.
    private let origin: Atomic<Int64>
    /// The earliest time that may be returned, in nanoseconds since 1970, so that the time never goes back.
    private let earliest = Atomic<Int64>(.min)
    private let isWrong = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        var hasReading = false
        var wasWrong = false
    }

    /// A clock with the time of this machine, until a server is read.
    package init(hasServer: Bool, machine: MachineClocks = .system) {
        self.hasServer = hasServer
        self.machine = machine
        origin = Atomic(machine.wall().milliseconds * 1_000_000 - machine.monotonic())
    }

    /// The present time.
    package var now: Timestamp {
        let present = machine.monotonic() + origin.load(ordering: .acquiring)
        return Timestamp(milliseconds: max(present, earliest.load(ordering: .acquiring)) / 1_000_000)
    }

    /// The time of the machine's monotonic clock in nanoseconds.
    var monotonic: Int64 { machine.monotonic() }

    /// The time of this machine's wall clock.
    package var machineTime: Timestamp { machine.wall() }

    /// The machine's wall clock less ``now``: positive where the machine is ahead.
    package var offset: Duration { machine.wall() - now }

    /// Whether the wall clock of this machine is off by more than ``bound``.
    package var isMachineWrong: Bool { isWrong.load(ordering: .relaxed) }

    /// Whether this node starts no work, because its wall clock differs from the database's.
    package var pausesWork: Bool { hasServer && isMachineWrong }

    /// Compares the wall clock with the present time, and follows it in small steps where there is no server.
    ///
    /// To be called every second.
    package func check() -> Change? {
        state.withLock { state in
            let offset = offset
            compare(offset)
            if !hasServer, !isMachineWrong { follow(offset) }
            guard state.wasWrong != isMachineWrong else { return nil }
            state.wasWrong = isMachineWrong
            return isMachineWrong ? .wentWrong : .becameRight
        }
    }

    /// Applies a reading of the server's time.
    ///
    /// - Returns: by how much the present time has jumped, where the server's clock was set.
    func apply(_ reading: ClockReading) -> Duration? {
        state.withLock { state in
            defer {
                state.hasReading = true
                compare(offset)
            }
            let before = origin.load(ordering: .relaxed)
            switch reading.correction(of: before) {
            case .none: return nil
            case .drift(let newOrigin):
                move(to: newOrigin)
                return nil
            case .set(let newOrigin):
                earliest.store(.min, ordering: .releasing)
                origin.store(newOrigin, ordering: .releasing)
                return state.hasReading ? .nanoseconds(newOrigin - before) : nil
            }
        }
    }

    private func compare(_ offset: Duration) {
        let size = offset < .zero ? .zero - offset : offset
        isWrong.store(size > (isMachineWrong ? Self.rightWithin : Self.bound), ordering: .relaxed)
    }

    private func follow(_ offset: Duration) {
        let step = max(.zero - Self.largestStep, min(offset, Self.largestStep))
        if step != .zero { move(to: origin.load(ordering: .relaxed) + step.milliseconds * 1_000_000) }
    }

    /// Moves the time by a little.
    ///
    /// Instead of going back it stands still until the present time is reached again.
    private func move(to newOrigin: Int64) {
        let present = machine.monotonic() + origin.load(ordering: .relaxed)
        if present > earliest.load(ordering: .relaxed) { earliest.store(present, ordering: .releasing) }
        origin.store(newOrigin, ordering: .releasing)
    }
}
