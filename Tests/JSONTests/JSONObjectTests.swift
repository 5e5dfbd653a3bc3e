import JSON
import Testing

/// Small objects are walked through and large ones have an index: both must do the same.
struct JSONObjectTests {
    @Test(arguments: [1, 2, 23, 24, 25, 26, 60])
    func `finds, replaces, adds and removes members of objects of any size`(count: Int) {
        var object = JSONObject()
        for number in 0..<count { object["name\(number)"] = .integer(number) }
        #expect(object.members.map(\.key) == (0..<count).map { "name\($0)" })
        for number in 0..<count { #expect(object["name\(number)"] == .integer(number)) }
        #expect(object["name\(count)"] == nil)

        object["name\(count / 2)"] = .string("another")
        #expect(object.members.count == count)
        #expect(object["name\(count / 2)"] == .string("another"))

        object["name0"] = nil
        object["name0"] = nil
        #expect(object["name0"] == nil)
        #expect(object.members.map(\.key) == (1..<count).map { "name\($0)" })
        for number in 1..<count where number != count / 2 {
            #expect(object["name\(number)"] == .integer(number))
        }

        object["name0"] = .null
        #expect(object.members.last?.key == "name0")
        #expect(object["name0"] == .null)
    }

    @Test func `of two members with one name the later one counts, in the first one's place`() {
        let twice: [(key: String, value: JSONValue)] = (0..<60).map { ("name\($0 % 30)", .integer($0)) }
        let object = JSONObject(twice)
        #expect(object.members.map(\.key) == (0..<30).map { "name\($0)" })
        #expect(object["name3"] == .integer(33))
    }
}
