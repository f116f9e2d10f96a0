/// A complaint in SES's words (Amazon SES developer guide, "Complaint object").
public struct Complaint: Sendable, Equatable {
    /// `abuse`, `fraud`, `not-spam`, …; often absent.
    public var feedbackType: String?
    public var subType: String?

    public init(feedbackType: String?, subType: String?) {
        self.feedbackType = feedbackType
        self.subType = subType
    }

    /// False for the report of a recipient who says that it is no spam.
    public var isGenuine: Bool {
        feedbackType?.lowercased() != "not-spam"
    }
}
