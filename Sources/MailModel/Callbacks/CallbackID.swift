/// The id of a delivery, sent as `webhook-id`, or of the event that it tells of.
public struct CallbackID: TimeOrderedID {
    public let uuid: EmailID

    public init(uuid: EmailID) {
        self.uuid = uuid
    }
}
