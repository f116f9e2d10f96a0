/// The members of a JSON object in the order they were written; no name occurs twice.
///
/// Names are looked up one after the other: objects of an API have few members.
/// Names that Unicode calls equivalent (`é` as one code point or two) are the same name.
public struct JSONObject: Sendable, Equatable {
    public struct Member: Sendable, Equatable {
        public let name: String
        public let value: JSONValue
    }

    private var members: [Member]

    public init() {
        members = []
    }

    /// - Precondition: no name occurs twice.
    init(members: [Member]) {
        self.members = members
    }

    /// The value of a member, `nil` when there is none; setting replaces, adds at the end, or with `nil` removes.
    public subscript(name: String) -> JSONValue? {
        get { members.first { $0.name == name }?.value }
        set {
            let index = members.firstIndex { $0.name == name }
            switch (index, newValue) {
            case (let index?, let value?): members[index] = Member(name: name, value: value)
            case (let index?, nil): members.remove(at: index)
            case (nil, let value?): members.append(Member(name: name, value: value))
            case (nil, nil): break
            }
        }
    }

    /// The names in order.
    public var names: [String] {
        members.map(\.name)
    }
}

extension JSONObject: RandomAccessCollection {
    public var startIndex: Int { 0 }
    public var endIndex: Int { members.count }

    public subscript(position: Int) -> Member {
        members[position]
    }
}
