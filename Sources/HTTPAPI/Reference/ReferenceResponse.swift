import Hummingbird
import NIOCore
import Web

/// The reference as it is answered: its lines to copy carry the address under which the reader sees it.
struct ReferenceResponse: Sendable {
    /// What stands around the address, so that a request costs no more than putting one in.
    private let pieces: [Substring]
    private let address: PublicAddress

    init(_ page: ReferencePage, address: PublicAddress) {
        pieces = page.document(base: String(Self.marker)).description.split(separator: Self.marker, omittingEmptySubsequences: false)
        self.address = address
    }

    /// A code point for private use, which no text of ours has.
    private static let marker: Character = "\u{E000}"

    func response(_ call: APIRequest) -> Response {
        let base = HTML.text(address.base(host: call.request.head.authority)).description
        return Response(
            status: .ok, headers: ReferencePage.headers, body: ResponseBody(byteBuffer: ByteBuffer(string: pieces.joined(separator: base))))
    }
}
