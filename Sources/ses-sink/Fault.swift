/// A failure that the sink plays on purpose.
enum Fault: String, Sendable {
    case throttle
    case error
    case dropBefore
    case dropAfter

    /// Draws the fault of one request.
    static func drawn(from behaviour: Behaviour) -> Fault? {
        var roll = Int.random(in: 0..<100)
        for (fault, percent) in behaviour.chances {
            if roll < percent { return fault }
            roll -= percent
        }
        return nil
    }
}

extension Behaviour {
    fileprivate var chances: [(Fault, Int)] {
        [(.throttle, throttlePercent), (.error, errorPercent), (.dropBefore, dropBeforePercent), (.dropAfter, dropAfterPercent)]
    }
}
