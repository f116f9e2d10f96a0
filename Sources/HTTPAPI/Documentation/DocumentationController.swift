import Hummingbird
import NIOCore
import Web

/// `/openapi.json` and `/docs`: the description of the operations for tools and for people. Both describe themselves too.
enum DocumentationController {
    /// - Returns: the operations, and behind them the two that describe them all.
    static func completing(
        _ operations: [Operation], schemas: [(name: String, schema: Schema)], address: PublicAddress
    ) -> [Operation] {
        let described = operations + [description { _ in .noContent }, reference { _ in .noContent }]
        let document = ByteBuffer(bytes: OpenAPI(operations: described, schemas: schemas).document)
        let response = Response(
            status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: document))
        let page = ReferenceResponse(ReferencePage(operations: described, schemas: schemas + OpenAPI.errors), address: address)
        return operations + [description { _ in response }, reference(page.response)]
    }

    private static func description(_ handler: @escaping Operation.OpenHandler) -> Operation {
        .open(.get, "/openapi.json", Documentation("This description for tools", .json(.ok, "OpenAPI 3.1.", .object([]))), handler)
    }

    private static func reference(_ handler: @escaping Operation.OpenHandler) -> Operation {
        .open(.get, "/docs", Documentation("This description for people", .text("The page.", "text/html")), handler)
    }
}
