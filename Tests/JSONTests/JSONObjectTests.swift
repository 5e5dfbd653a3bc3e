import JSON
import Testing

/// Small objects are walked through and large ones have an index: both must do the same.
struct JSONObjectTests {
    @Test(arguments: [1, 2, 24, 63, 64, 65, 66, 100])
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
        let twice: [(key: String, value: JSONValue)] = (0..<150).map { ("name\($0 % 75)", .integer($0)) }
        let object = JSONObject(twice)
        #expect(object.members.map(\.key) == (0..<75).map { "name\($0)" })
        #expect(object["name3"] == .integer(78))
    }

    @Test(arguments: [0, 1, 64, 65, 100])
    func `members known to be distinct make the same object`(count: Int) {
        let members: [(key: String, value: JSONValue)] = (0..<count).map { ("name\($0)", .integer($0)) }
        let object = JSONObject(distinct: members)
        #expect(object == JSONObject(members) && object.keys == members.map(\.key))
        #expect(object["name\(count - 1)"] == members.last?.value && object["name\(count)"] == nil)
    }
}
