import PolicyServer

extension PolicyRequest {
    /// A request as Postfix 3.7 sends it at DATA.
    static func sample(_ change: (inout PolicyRequest) -> Void = { _ in }) -> PolicyRequest {
        var request = PolicyRequest()
        request.protocolState = "DATA"
        request.sender = "news@shop.example"
        request.recipient = "user@customer.example"
        request.recipientCount = 1
        request.instance = "1a2b.65f0a1b2.c3d4e.0"
        change(&request)
        return request
    }

    /// The request in the protocol, with attributes that are not used, and a value with equals signs.
    var encoded: String {
        """
        request=smtpd_access_policy
        protocol_state=\(protocolState)
        protocol_name=ESMTP
        client_address=192.0.2.1
        client_name=unknown
        helo_name=client.example
        queue_id=
        sender=\(sender)
        recipient=\(recipient)
        recipient_count=\(recipientCount)
        instance=\(instance)
        sasl_method=PLAIN
        sasl_username=\(saslUsername)
        size=1234
        ccert_subject=CN=a=b,O==
        policy_context=submission


        """
    }
}
