import Hummingbird
import JSON
import MailModel
import NIOCore
import Web

extension SESFault {
    /// The answer of version 1: an XML document.
    func queryResponse(requestID: String) -> Response {
        var writer = XMLWriter()
        writer.document("ErrorResponse") { response in
            response.element("Error") { error in
                error.element("Type", query.status.kind == .serverError ? "Receiver" : "Sender")
                error.element("Code", query.name)
                error.element("Message", message)
            }
            response.element("RequestId", requestID)
        }
        return .xml(query.status, writer, requestID: requestID, retryAfter: retryAfter)
    }

    /// The answer of version 2: a JSON document, and the code in a header.
    func restResponse(requestID: String) -> Response {
        var headers = HTTPFields.ofAnswer(requestID: requestID, retryAfter: retryAfter)
        if let name = HTTPFields.Element.Name("x-amzn-ErrorType") { headers[name] = rest.name }
        return .json(rest.status, headers: headers) { writer in
            writer.object { object in
                object.member("__type", rest.name)
                object.member("message", message)
            }
        }
    }
}

extension Response {
    /// An XML document of version 1.
    static func xml(_ status: HTTPResponse.Status, _ writer: XMLWriter, requestID: String, retryAfter: Duration? = nil) -> Response {
        var headers = HTTPFields.ofAnswer(requestID: requestID, retryAfter: retryAfter)
        headers[.contentType] = "text/xml"
        return Response(status: status, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(string: writer.text)))
    }
}

extension HTTPFields {
    /// The header fields of every answer.
    static func ofAnswer(requestID: String, retryAfter: Duration? = nil) -> HTTPFields {
        var headers = HTTPFields()
        if let name = HTTPFields.Element.Name("x-amzn-RequestId") { headers[name] = requestID }
        if let retryAfter { headers[.retryAfter] = String(Swift.max(1, (retryAfter.milliseconds + 999) / 1000)) }
        return headers
    }
}
