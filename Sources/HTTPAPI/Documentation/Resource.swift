import JSON

/// A resource of the API, described once: from it come the answer in JSON, the schema in `/openapi.json` and the list in `/docs`.
///
/// ```swift
/// static let sender = Resource<Sender>("Sender") {
///     Field("email", .email, "The address that may be used in `from`.", example: "ann@partner.example") { $0.address.description }
///     Field("status", .words(Sender.Status.self), "…", example: "VERIFIED") { $0.status.rawValue }
/// }
/// ```
struct Resource<Value>: Sendable {
    /// The schema, under its name.
    let component: Component
    private let members: [Field<Value>.Write]

    /// - Parameter fields: in the order of the answer.
    init(_ name: String, @FieldBuilder<Value> _ fields: () -> [Field<Value>]) {
        let fields = fields()
        component = Component(name, .object(fields.map(\.property)))
        members = fields.map(\.write)
    }

    /// The reference to its schema.
    var reference: Schema { component.reference }

    /// Writes a value as a JSON object.
    func write(_ value: Value, to writer: inout JSONWriter) {
        writer.object { object in
            for member in members { member(value, &object) }
        }
    }
}

/// A member of a resource: how it is described, and how it is written.
struct Field<Value>: Sendable {
    /// Writes the member of a value to the present object, or nothing where the value has none.
    typealias Write = @Sendable (Value, inout JSONWriter) -> Void

    let property: Schema.Property
    let write: Write

    /// - Parameter write: writes at most one member, of the property's name.
    init(property: Schema.Property, write: @escaping Write) {
        self.property = property
        self.write = write
    }

    /// A member that every value has.
    init<Member: JSONWritable & SendableMetatype>(
        _ name: String, _ schema: Schema, _ description: String, example: Example? = nil,
        _ read: @escaping @Sendable (Value) -> Member
    ) {
        self.init(.init(name, schema, description, example: example), read)
    }

    /// A member that every value has, with a description that several resources share.
    init<Member: JSONWritable & SendableMetatype>(_ property: Schema.Property, _ read: @escaping @Sendable (Value) -> Member) {
        self.init(property: property) { [name = property.name] value, object in object.member(name, read(value)) }
    }

    /// A member that a value may lack.
    static func optional<Member: JSONWritable & SendableMetatype>(
        _ name: String, _ schema: Schema, _ description: String, example: Example? = nil,
        _ read: @escaping @Sendable (Value) -> Member?
    ) -> Self {
        Self(property: .optional(name, schema, description, example: example)) { value, object in
            if let member = read(value) { object.member(name, member) }
        }
    }
}

extension Field {
    /// Returns the field as a member of what contains the value.
    func of<Outer>(_ read: @escaping @Sendable (Outer) -> Value) -> Field<Outer> {
        Field<Outer>(property: property) { [write] outer, object in write(read(outer), &object) }
    }
}

// MARK: Members that are resources

extension Field {
    /// A member that is another resource.
    static func object<Inner>(
        _ name: String, _ resource: Resource<Inner>, _ description: String, _ read: @escaping @Sendable (Value) -> Inner
    ) -> Self {
        Self(property: .init(name, resource.reference, description)) { value, object in
            object.member(name) { resource.write(read(value), to: &$0) }
        }
    }

    /// A member that is another resource, which a value may lack.
    static func optionalObject<Inner>(
        _ name: String, _ resource: Resource<Inner>, _ description: String, _ read: @escaping @Sendable (Value) -> Inner?
    ) -> Self {
        Self(property: .optional(name, resource.reference, description)) { value, object in
            guard let inner = read(value) else { return }
            object.member(name) { resource.write(inner, to: &$0) }
        }
    }

    /// A member that is a list of resources.
    static func list<Items: Sequence & SendableMetatype>(
        _ name: String, of resource: Resource<Items.Element>, _ description: String, _ read: @escaping @Sendable (Value) -> Items
    ) -> Self {
        Self(property: .init(name, .array(resource.reference), description)) { value, object in
            write(name, read(value), of: resource, to: &object)
        }
    }

    /// A member that is a list of resources, which a value may lack.
    static func optionalList<Items: Sequence & SendableMetatype>(
        _ name: String, of resource: Resource<Items.Element>, _ description: String, _ read: @escaping @Sendable (Value) -> Items?
    ) -> Self {
        Self(property: .optional(name, .array(resource.reference), description)) { value, object in
            if let items = read(value) { write(name, items, of: resource, to: &object) }
        }
    }

    private static func write<Items: Sequence & SendableMetatype>(
        _ name: String, _ items: Items, of resource: Resource<Items.Element>, to object: inout JSONWriter
    ) {
        object.member(name) { writer in
            writer.array { array in
                for item in items { resource.write(item, to: &array) }
            }
        }
    }
}

/// The fields of a resource, each a statement of its own; lists of fields are inserted in their place.
@resultBuilder
enum FieldBuilder<Value> {
    static func buildExpression(_ field: Field<Value>) -> [Field<Value>] { [field] }

    static func buildExpression(_ fields: [Field<Value>]) -> [Field<Value>] { fields }

    static func buildBlock(_ fields: [Field<Value>]...) -> [Field<Value>] { fields.flatMap(\.self) }
}
