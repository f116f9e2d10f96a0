/// The members of a JSON object in the order they were written; no name occurs twice.
///
/// Names are looked up one after the other: objects of an API have few members.
/// Names that Unicode calls equivalent (`é` as one code point or two) are the same name.
package struct JSONObject: Sendable, Equatable {
    package struct Member: Sendable, Equatable {
        package let name: String
        package let value: JSONValue
    }

    private var members: [Member]

    package init() {
        members = []
    }

    /// - Precondition: no name occurs twice.
    init(members: [Member]) {
        self.members = members
    }

    /// The value of a member, `nil` when there is none; setting replaces, adds at the end, or with `nil` removes.
    package subscript(name: String) -> JSONValue? {
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
    package var names: [String] {
        members.map(\.name)
    }
}

extension JSONObject: RandomAccessCollection {
    package var startIndex: Int { 0 }
    package var endIndex: Int { members.count }

    package subscript(position: Int) -> Member {
        members[position]
    }
}
