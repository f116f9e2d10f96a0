/// The members of a JSON object in the order they were written; no name occurs twice.
///
/// A few names are looked up one after the other, more of them by their hashes: no object costs more than its size.
/// Names that Unicode calls equivalent (`é` as one code point or two) are the same name.
package struct JSONObject: Sendable, Equatable {
    /// A name and its value.
    package struct Member: Sendable, Equatable {
        /// The name.
        package let name: String
        /// The value.
        package let value: JSONValue
    }

    private var members: JSONMembers

    /// Creates an object without members.
    package init() {
        members = JSONMembers()
    }

    /// Creates an object of members.
    init(members: JSONMembers) {
        self.members = members
    }

    /// The value of a member; `nil` when there is none.
    ///
    /// Setting replaces it, adds it at the end, or with `nil` removes it.
    package subscript(name: String) -> JSONValue? {
        get { members.position(of: name).map { members.list[$0].value } }
        set {
            let position = members.position(of: name)
            if let newValue {
                members.set(Member(name: name, value: newValue), at: position)
            } else if let position {
                members.remove(at: position)
            }
        }
    }

    /// The names in order.
    package var names: [String] {
        members.list.map(\.name)
    }
}

extension JSONObject: RandomAccessCollection {
    /// 0.
    package var startIndex: Int { 0 }

    /// The number of members.
    package var endIndex: Int { members.list.count }

    /// The member at a position, from 0.
    package subscript(position: Int) -> Member {
        members.list[position]
    }
}

/// Members in their order, with the positions of their names.
struct JSONMembers: Sendable, Equatable {
    /// Up to so many names are compared one by one.
    private static let few = 16

    private(set) var list: [JSONObject.Member] = []
    /// The positions of the names, once there are more than a few.
    private var positions: [String: Int] = [:]

    static func == (one: JSONMembers, other: JSONMembers) -> Bool {
        one.list == other.list
    }

    /// Returns the position of the member of that name; `nil` when there is none.
    func position(of name: String) -> Int? {
        positions.isEmpty ? list.firstIndex { $0.name == name } : positions[name]
    }

    /// Puts a member in a position, or at the end where there is none.
    mutating func set(_ member: JSONObject.Member, at position: Int?) {
        if let position { return list[position] = member }
        if !positions.isEmpty { positions[member.name] = list.count }
        list.append(member)
        if list.count == Self.few { index() }
    }

    mutating func remove(at position: Int) {
        list.remove(at: position)
        positions = [:]
        if list.count >= Self.few { index() }
    }

    private mutating func index() {
        for (position, member) in list.enumerated() { positions[member.name] = position }
    }
}
