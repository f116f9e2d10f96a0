/// A complaint in SES's words (Amazon SES developer guide, "Complaint object").
package struct Complaint: Sendable, Equatable {
    /// `abuse`, `fraud`, `not-spam`, …; often absent.
    package var feedbackType: String?
    package var subType: String?

    package init(feedbackType: String?, subType: String?) {
        self.feedbackType = feedbackType
        self.subType = subType
    }

    /// False for the report of a recipient who says that it is no spam.
    package var isGenuine: Bool {
        feedbackType?.lowercased() != "not-spam"
    }
}
