import Domain
import Testing

@Suite struct NamesTests {
    @Test func `persons begin with a letter, things may begin with a digit`() {
        #expect(Names.isPersonName("alice") && Names.isPersonName("A.b-c_9"))
        #expect(!Names.isPersonName("9alice") && Names.isThingName("9alice"))
        for name in ["", "-a", "a b", "a/b", "ä", "a\u{0}", "a\n", String(repeating: "a", count: 64)] {
            #expect(!Names.isPersonName(name) && !Names.isThingName(name))
        }
        #expect(Names.isPersonName(String(repeating: "a", count: 63)))
    }

    @Test func `mail addresses cannot break a header`() {
        #expect(Names.isMailAddress("alice@example.com") && Names.isMailAddress("a+b@localhost"))
        for text in ["", "@", "a@", "@b", "a@b@c", "a b@c", "a@b\r\nBcc: x@y", "<a@b>", "a@b,c", "a@b;c"] {
            #expect(!Names.isMailAddress(text))
        }
    }
}
