import JSON
import MailModel
import Outbound

extension DNSCheck {
    func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("name", domain.description)
            $0.member("checked_at", checkedAt.description)
            $0.member("records") { writer in writer.array { for record in records { record.write(to: &$0) } } }
        }
    }
}

extension RecordCheck {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object {
            $0.member("purpose", purpose.rawValue)
            $0.member("type", type)
            $0.member("name", name)
            $0.member("expected", expected)
            $0.member("seen", seen)
            $0.member("state", state.rawValue)
            if let advice { $0.member("advice", advice) }
            if let lookups { $0.member("lookups", Int64(lookups)) }
            if let dmarc {
                $0.member("policy", dmarc.policy.rawValue)
                $0.member("dkim_aligned", dmarc.isDKIMAligned)
                $0.member("spf_aligned", dmarc.isSPFAligned)
            }
        }
    }
}
