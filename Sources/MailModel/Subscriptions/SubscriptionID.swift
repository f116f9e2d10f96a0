/// The id of a subscription, which its link is made of.
public struct SubscriptionID: TimeOrderedID {
    public let uuid: EmailID

    public init(uuid: EmailID) {
        self.uuid = uuid
    }
}
