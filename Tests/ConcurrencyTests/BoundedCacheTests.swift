import Concurrency
import TestSupport
import Testing

struct BoundedCacheTests {
    private static func keys(of cache: BoundedCache<Int, String>) -> [Int] {
        (0..<100).filter { cache[$0] != nil }
    }

    @Test func `the oldest entry leaves`() {
        var cache = BoundedCache<Int, String>(capacity: 3)
        for key in 0..<5 { cache.insert("\(key)", for: key) }
        #expect(Self.keys(of: cache) == [2, 3, 4])
        #expect(cache.count == 3)
        #expect(cache[3] == "3")
        cache.insert("new", for: 2)
        #expect(cache.count == 3)
        cache.insert("5", for: 5)
        #expect(Self.keys(of: cache) == [2, 4, 5])
        #expect(cache[2] == "new")
    }

    @Test func `an update leaves the age as it is`() {
        var cache = BoundedCache<Int, String>(capacity: 2)
        cache.insert("0", for: 0)
        cache.insert("1", for: 1)
        cache.update("new", for: 0)
        cache.update("unknown", for: 7)
        #expect(cache[0] == "new" && cache[7] == nil)
        cache.insert("2", for: 2)
        #expect(Self.keys(of: cache) == [1, 2])
    }

    @Test func `a removed entry makes space, and comes again as the newest`() {
        var cache = BoundedCache<Int, String>(capacity: 3)
        for key in 0..<3 { cache.insert("\(key)", for: key) }
        cache.remove(0)
        cache.remove(0)
        cache.insert("3", for: 3)
        #expect(Self.keys(of: cache) == [1, 2, 3])
        cache.remove(1)
        cache.insert("1", for: 1)
        cache.insert("4", for: 4)
        #expect(Self.keys(of: cache) == [1, 3, 4])
        cache.removeAll()
        #expect(cache.count == 0 && Self.keys(of: cache) == [])
        cache.insert("5", for: 5)
        #expect(Self.keys(of: cache) == [5])
    }

    /// Against a list of the entries in the order of their ages.
    @Test(arguments: [1, 2, 7, 30]) func `any sequence of changes`(_ capacity: Int) {
        var generator = SeededGenerator(seed: 20_261_130)
        var cache = BoundedCache<Int, String>(capacity: capacity)
        var model: [(key: Int, value: String)] = []
        for step in 0..<5000 {
            let key = Int.random(in: 0..<40, using: &generator)
            switch Int.random(in: 0..<10, using: &generator) {
            case 0:
                cache.remove(key)
                model.removeAll { $0.key == key }
            case 1...3:
                cache.update("\(step)", for: key)
                if let index = model.firstIndex(where: { $0.key == key }) { model[index].value = "\(step)" }
            default:
                cache.insert("\(step)", for: key)
                model.removeAll { $0.key == key }
                model.append((key, "\(step)"))
                if model.count > capacity { model.removeFirst() }
            }
            #expect(cache.count == model.count)
            #expect(Self.keys(of: cache) == model.map(\.key).sorted())
            #expect(model.allSatisfy { cache[$0.key] == $0.value })
        }
    }
}
