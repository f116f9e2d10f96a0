/// The id of a subscription, which its link is made of.
package struct SubscriptionID: TimeOrderedID {
    package let uuid: EmailID

    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}
