/// Events as the Amazon SES developer guide prints them, shortened where nothing is read.
enum Samples {
    static let mail = """
        {"timestamp":"2016-10-14T05:02:16.645Z","source":"sender@example.com",
        "sourceArn":"arn:aws:ses:us-east-1:123456789012:identity/sender@example.com","sendingAccountId":"123456789012",
        "messageId":"EXAMPLE7c191be45-e9aedb9a-02f9-4d12-a87d-dd0099a07f8a-000000","destination":["recipient@example.com"],
        "headersTruncated":false,"headers":[{"name":"From","value":"sender@example.com"},{"name":"To","value":"recipient@example.com"},
        {"name":"Subject","value":"Message sent from Amazon SES"},{"name":"MIME-Version","value":"1.0"}],
        "commonHeaders":{"from":["sender@example.com"],"to":["recipient@example.com"],"messageId":"EXAMPLE7c191be45"},
        "tags":{"ses:configuration-set":["ConfigSet"],"ses:source-ip":["192.0.2.0"],"ses:from-domain":["example.com"],"ses:caller-identity":["ses_user"]}}
        """

    static func event(_ type: String, _ object: String) -> String {
        #"{"eventType":"\#(type)","mail":\#(mail),\#(object)}"#
    }

    static let bounce = event(
        "Bounce",
        """
        "bounce":{"feedbackId":"0102015","bounceType":"Permanent","bounceSubType":"General","bouncedRecipients":[{
        "emailAddress":"recipient@example.com","action":"failed","status":"5.1.1",
        "diagnosticCode":"smtp; 550 5.1.1 user unknown"}],"timestamp":"2017-08-05T00:41:02.669Z","reportingMTA":"dsn; mta.example.com"}
        """)

    static let complaint = event(
        "Complaint",
        """
        "complaint":{"complainedRecipients":[{"emailAddress":"recipient@example.com"}],"timestamp":"2017-08-05T00:41:02.669Z",
        "feedbackId":"01000157c44f053b","complaintSubType":null,"userAgent":"Amazon SES Mailbox Simulator",
        "complaintFeedbackType":"abuse","arrivalDate":"2017-08-05T00:41:02.669Z"}
        """)

    static let delivery = event(
        "Delivery",
        """
        "delivery":{"timestamp":"2016-10-19T23:21:04.133Z","processingTimeMillis":11893,"recipients":["recipient@example.com"],
        "smtpResponse":"250 2.6.0 Message received","remoteMtaIp":"192.0.2.0","reportingMTA":"mta.example.com"}
        """)

    static let send = event("Send", #""send":{}"#)
    static let reject = event("Reject", #""reject":{"reason":"Bad content"}"#)
    static let open = event(
        "Open", #""open":{"ipAddress":"192.0.2.1","timestamp":"2017-08-09T22:00:19.652Z","userAgent":"Mozilla/5.0"}"#)
    static let click = event(
        "Click",
        """
        "click":{"ipAddress":"192.0.2.1","link":"http://docs.aws.amazon.com/ses/","linkTags":{"samplekey0":["samplevalue0"]},
        "timestamp":"2017-08-09T23:51:25.570Z","userAgent":"Mozilla/5.0"}
        """)
    /// An open or a click with what SES takes it for.
    static func automated(_ sample: String, _ verdict: String) -> String {
        sample.replacing(#""userAgent""#, with: #""isBotEvent":"\#(verdict)","userAgent""#)
    }

    static let renderingFailure = event(
        "Rendering Failure",
        #""failure":{"errorMessage":"Attribute 'attributeName' is not present in the rendering data.","templateName":"MyTemplate"}"#)
    static let deliveryDelay = event(
        "DeliveryDelay",
        """
        "deliveryDelay":{"timestamp":"2020-06-16T00:25:40.095Z","delayType":"TransientCommunicationFailure",
        "expirationTime":"2020-06-16T00:25:40.914Z","delayedRecipients":[{"emailAddress":"recipient@example.com","status":"4.4.1",
        "diagnosticCode":"smtp; 421 4.4.1 Unable to connect to remote host"}]}
        """)
    static let subscription = event(
        "Subscription",
        """
        "subscription":{"contactList":"ContactListName","timestamp":"2022-01-12T01:00:17.910Z","source":"UnsubscribeHeader",
        "newTopicPreferences":{"unsubscribeAll":true,"topicSubscriptionStatus":[{"topicName":"T","subscriptionStatus":"OptOut"}]}}
        """)

    /// The other shape: identity feedback, with the time as the guide's older samples write it.
    static let bounceNotification = """
        {"notificationType":"Bounce","bounce":{"bounceType":"Permanent","reportingMTA":"dns; email.example.com",
        "bouncedRecipients":[{"emailAddress":"jane@example.com","status":"5.1.1","action":"failed",
        "diagnosticCode":"smtp; 550 5.1.1 <jane@example.com>... User"}],"bounceSubType":"General",
        "timestamp":"2016-01-27T14:59:38.237Z","feedbackId":"00000138111222aa","remoteMtaIp":"127.0.2.0"},
        "mail":{"timestamp":"2018-10-08T14:05:45 +0000","source":"john@example.com",
        "sourceArn":"arn:aws:ses:us-east-1:888888888888:identity/example.com","sourceIp":"127.0.3.0","sendingAccountId":"123456789012",
        "callerIdentity":"IAM_user_or_role_name","messageId":"00000138111222aa-33322211",
        "destination":["jane@example.com","mary@example.com","richard@example.com"]}}
        """

    static let complaintNotification = """
        {"notificationType":"Complaint","complaint":{"userAgent":"AnyCompany Feedback Loop (V0.01)",
        "complainedRecipients":[{"emailAddress":"richard@example.com"}],"complaintFeedbackType":"abuse",
        "arrivalDate":"2016-01-27T14:59:38.237Z","timestamp":"2016-01-27T14:59:38.237Z","feedbackId":"000001378603177f"},
        "mail":{"timestamp":"2016-01-27T14:59:38.237Z","messageId":"000001378603177f-7a5433e7","source":"john@example.com",
        "destination":["jane@example.com","mary@example.com","richard@example.com"]}}
        """

    static let deliveryNotification = """
        {"notificationType":"Delivery","mail":{"timestamp":"2016-01-27T14:59:38.237Z","messageId":"0000014644fe5ef6-9a483358",
        "source":"john@example.com","destination":["jane@example.com"]},"delivery":{"timestamp":"2016-01-27T14:59:38.237Z",
        "recipients":["jane@example.com"],"processingTimeMillis":546,"reportingMTA":"a8-70.smtp-out.amazonses.com",
        "smtpResponse":"250 ok:  Message 64111812 accepted","remoteMtaIp":"127.0.2.0"}}
        """

    static let all = [
        bounce, complaint, delivery, send, reject, open, click, renderingFailure, deliveryDelay, subscription, bounceNotification,
        complaintNotification, deliveryNotification,
    ]
}
