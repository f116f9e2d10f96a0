import MailModel
import Testing

@testable import Sending

struct DeliveryStateTests {
    private let start = ContinuousClock.now
    private static let scope = SendingScope.identity("shop.example")

    @Test func `claims are limited by the calls that are free`() {
        var state = DeliveryState(concurrency: 100)
        #expect(state.nextStep(isPaused: false) == .claim(upTo: DeliveryState.largestClaim))
        state.beginCalls(64)
        #expect(state.nextStep(isPaused: false) == .claim(upTo: 36))
        state.beginCalls(36)
        #expect(state.nextStep(isPaused: false) == .wait)
        state.endCalls(1)
        #expect(state.nextStep(isPaused: false) == .claim(upTo: 1))
    }

    @Test func `a paused node waits and a stopping one ends`() {
        var state = DeliveryState(concurrency: 1)
        #expect(state.nextStep(isPaused: true) == .wait)
        state.stop()
        #expect(state.nextStep(isPaused: true) == .stop)
        #expect(state.nextStep(isPaused: false) == .stop)
    }

    @Test func `only a call that began after the refusal ends the parking of a scope`() {
        var state = DeliveryState(concurrency: 1)
        let isNew = state.park(Self.scope, at: start)
        let isNewAgain = state.park(Self.scope, at: start + .seconds(1))
        #expect(isNew && !isNewAgain)
        #expect(state.didSend([Self.scope], began: start) == [])
        #expect(state.parkedScopes(at: start).count == 1)
        #expect(state.didSend([Self.scope], began: start + .seconds(2)) == [Self.scope])
        #expect(state.parkedScopes(at: start + .seconds(2)).isEmpty)
    }

    @Test func `a scope without mail is forgotten`() {
        var state = DeliveryState(concurrency: 1)
        _ = state.park(Self.scope, at: start)
        #expect(state.parkedScopes(at: start + ParkedScopes.memory - .seconds(1)).count == 1)
        #expect(state.parkedScopes(at: start + ParkedScopes.memory).isEmpty)
    }
}
