package import MailModel
import Synchronization

/// The present time as all nodes of a database agree on it, counted on by a clock that does not jump.
///
/// On a database server it is the server's time, read every few seconds (``synchronize(with:)``) and counted on by the machine's monotonic
/// clock in between. Where the database lies in the process it is the machine's wall clock at the start, counted on in the same way. Small
/// differences are followed; a wall clock that jumps is not.
///
/// Reading it takes one system call that needs no kernel, and no lock. It never goes back, except where the server's own clock was set back.
package final class DatabaseClock: Sendable {
    /// A wall clock that is off by more is wrong.
    package static let bound: Duration = .seconds(30)
    /// A wall clock that was wrong is right again within this: it does not alternate between the two at the bound.
    static let rightWithin: Duration = .seconds(29)
    /// How far the time moves towards the wall clock in one ``check()``, where that is what is followed.
    static let largestStep: Duration = .milliseconds(250)

    /// What ``check()`` has found out since it was called last.
    package enum Change: Sendable, Equatable {
        /// The machine's wall clock is wrong by now.
        case wentWrong
        case becameRight
    }

    private let machine: MachineClocks
    /// Whether a server says the time; else the wall clock of this machine does.
    package let hasServer: Bool
    /// Nanoseconds since 1970 at which the monotonic clock stood at zero.
    private let origin: Atomic<Int64>
    /// The earliest time to be told, in nanoseconds since 1970: keeps the time from going back.
    private let floor = Atomic<Int64>(.min)
    private let isWrong = Atomic<Bool>(false)
    private let state = Mutex(State())

    private struct State {
        var hasReading = false
        var wasWrong = false
    }

    /// A clock that says the time of this machine, until a server is read.
    package init(hasServer: Bool, machine: MachineClocks = .system) {
        self.hasServer = hasServer
        self.machine = machine
        origin = Atomic(machine.wall().milliseconds * 1_000_000 - machine.monotonic())
    }

    /// The present time.
    package var now: Timestamp {
        let present = machine.monotonic() + origin.load(ordering: .acquiring)
        return Timestamp(milliseconds: max(present, floor.load(ordering: .acquiring)) / 1_000_000)
    }

    /// What the machine's monotonic clock says, in nanoseconds.
    var monotonic: Int64 { machine.monotonic() }

    /// The wall clock of this machine.
    package var machineTime: Timestamp { machine.wall() }

    /// The machine's wall clock less ``now``: positive where the machine is ahead.
    package var offset: Duration { machine.wall() - now }

    /// Whether the wall clock of this machine is off by more than ``bound``.
    package var isMachineWrong: Bool { isWrong.load(ordering: .relaxed) }

    /// Whether this node takes no work of its own: its wall clock is not the database's.
    package var pausesWork: Bool { hasServer && isMachineWrong }

    /// Compares the wall clock with the present time, and follows it a little where no server says the time. To be called every second.
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

    /// Takes in what a server said.
    ///
    /// - Returns: by how much the present time has jumped, where the server's clock was set.
    func take(_ reading: ClockReading) -> Duration? {
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
                floor.store(.min, ordering: .releasing)
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

    /// Moves the time by a little. Where that is back, it stands still instead until it is reached again.
    private func move(to newOrigin: Int64) {
        let present = machine.monotonic() + origin.load(ordering: .relaxed)
        if present > floor.load(ordering: .relaxed) { floor.store(present, ordering: .releasing) }
        origin.store(newOrigin, ordering: .releasing)
    }
}
