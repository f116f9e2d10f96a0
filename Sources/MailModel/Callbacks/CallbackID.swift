/// The id of a delivery, sent as `webhook-id`, or of the event that it tells of.
package struct CallbackID: TimeOrderedID {
    package let uuid: EmailID

    package init(uuid: EmailID) {
        self.uuid = uuid
    }
}
