import Hummingbird
import NIOCore
import Web

/// `/openapi.json`, which describes itself too.
enum OpenAPIOperation {
    static func make(describing operations: [Operation], schemas: [(name: String, schema: Schema)]) -> Operation {
        let documented = operations + [operation { _ in .noContent }]
        let document = ByteBuffer(bytes: OpenAPI(operations: documented, schemas: schemas).document)
        let response = Response(
            status: .ok, headers: [.contentType: "application/json"], body: ResponseBody(byteBuffer: document))
        return operation { _ in response }
    }

    private static func operation(_ handler: @escaping Operation.OpenHandler) -> Operation {
        .open(
            .get, "/openapi.json", Documentation("This description", .json(.ok, "OpenAPI 3.1.", .object([]))), handler)
    }
}
