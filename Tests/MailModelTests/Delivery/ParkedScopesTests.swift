import MailModel
import Testing

struct ParkedScopesTests {
    private let start = ContinuousClock.now
    private let shop = SendingScope.identity("shop.example")
    private let set = SendingScope.configurationSet("mail")

    @Test func onlyMailOfAParkedScopeWaits() {
        var parked = ParkedScopes()
        let news = [parked.park(shop, at: start), parked.park(shop, at: start)]
        #expect(news == [true, false])
        let answer1 = parked.decide([set, shop], at: start)
        #expect(answer1 == .wait)
        let answer2 = parked.decide([set, .identity("other.example")], at: start)
        #expect(answer2 == .send)
    }

    @Test func oneMessageProbesAfterEachInterval() {
        var parked = ParkedScopes()
        _ = parked.park(shop, at: start)
        let first = start + ParkedScopes.probeInterval
        let answer3 = parked.decide([shop], at: first - .milliseconds(1))
        #expect(answer3 == .wait)
        let answer4 = parked.decide([shop], at: first)
        #expect(answer4 == .probe([shop]))
        parked.didProbe([shop], at: first)
        let answer5 = parked.decide([shop], at: first + .seconds(29))
        #expect(answer5 == .wait)
        // What came of it is not known: the next one tries.
        let answer6 = parked.decide([shop], at: first + .seconds(30))
        #expect(answer6 == .probe([shop]))
        let isNew = parked.park(shop, at: first + .seconds(31))
        #expect(!isNew)
        let answer7 = parked.decide([shop], at: first + .seconds(60))
        #expect(answer7 == .wait)
        let answer8 = parked.decide([shop], at: first + .seconds(61))
        #expect(answer8 == .probe([shop]))
    }

    @Test func anAcceptedMessageUnparksItsScopes() {
        var parked = ParkedScopes()
        _ = parked.park(shop, at: start)
        let answer9 = parked.didSend([set, shop], began: start - .seconds(1))
        #expect(answer9 == [], "it was under way when another was refused")
        let answer10 = parked.didSend([set, shop], began: start + .seconds(30))
        #expect(answer10 == [shop])
        #expect(parked.isEmpty)
        let answer11 = parked.decide([shop], at: start + .seconds(30))
        #expect(answer11 == .send)
    }

    @Test func anEmailOfTwoParkedScopesProbesBoth() {
        var parked = ParkedScopes()
        _ = parked.park(shop, at: start)
        _ = parked.park(set, at: start + .seconds(10))
        let answer12 = parked.decide([set, shop], at: start + .seconds(30))
        #expect(answer12 == .wait)
        let answer13 = parked.decide([set, shop], at: start + .seconds(40))
        #expect(answer13 == .probe([set, shop]))
        let answer14 = parked.decide([set, .identity("other.example")], at: start + .seconds(40))
        #expect(answer14 == .probe([set]))
    }

    @Test func aScopeWithoutMailIsRemoved() {
        var parked = ParkedScopes()
        for number in 0..<1000 { _ = parked.park(.identity("\(number).example"), at: start) }
        _ = parked.decide([.identity("7.example")], at: start + .seconds(10))
        parked.prune(at: start + ParkedScopes.memory)
        #expect(parked.count == 1)
    }

    @Test func identitiesAreTheAddressAndItsDomains() {
        #expect(
            SendingScope.identities(of: EmailAddress(validated: "News@mail.shop.example")) == [
                .identity("news@mail.shop.example"), .identity("mail.shop.example"), .identity("shop.example"),
            ])
    }

    @Test func postponedEmailsAreDueOneAfterTheOther() {
        var schedule = PostponementSchedule(delay: .seconds(30), spacing: .milliseconds(5))
        let waits = (0..<1000).map { _ in schedule.next(at: start) }
        #expect(waits.first == .seconds(30))
        #expect(waits.last == .seconds(30) + .milliseconds(4995))
        let later = schedule.next(at: start + .seconds(60))
        #expect(later == .seconds(30))
    }
}
