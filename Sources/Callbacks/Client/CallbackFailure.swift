/// Why a call got no answer. The text stands in the list of attempts, for the customer; it has no part of the URL.
struct CallbackFailure: Error, Equatable {
    enum Kind: Equatable {
        /// It can succeed another time.
        case transient
        /// It cannot, as long as the URL and the settings are what they are.
        case refused
        /// This node stopped before there was an answer.
        case abandoned
    }

    var kind: Kind
    var explanation: String

    init(_ kind: Kind, _ explanation: String) {
        self.kind = kind
        self.explanation = explanation
    }

    static let timedOut = CallbackFailure(.transient, "no answer within the time")
    static let abandoned = CallbackFailure(.abandoned, "the node stopped")
}
