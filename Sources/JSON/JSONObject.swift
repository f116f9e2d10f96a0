/// The members of a JSON object in the order they were written; no name occurs twice.
///
/// Names are looked up one after the other: objects of an API have few members.
/// Names that Unicode calls equivalent (`é` as one code point or two) are the same name.
package struct JSONObject: Sendable, Equatable {
    /// A name and its value.
    package struct Member: Sendable, Equatable {
        /// The name.
        package let name: String
        /// The value.
        package let value: JSONValue
    }

    private var members: [Member]

    /// Creates an object without members.
    package init() {
        members = []
    }

    /// Creates an object of members, no two of which have the same name.
    init(members: [Member]) {
        self.members = members
    }

    /// The value of a member; `nil` when there is none. Setting replaces it, adds it at the end, or with `nil` removes it.
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
    /// 0.
    package var startIndex: Int { 0 }

    /// The number of members.
    package var endIndex: Int { members.count }

    /// The member at a position, from 0.
    package subscript(position: Int) -> Member {
        members[position]
    }
}
