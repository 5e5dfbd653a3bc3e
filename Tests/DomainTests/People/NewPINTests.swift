import Domain
import JSON
import Testing

@Suite struct NewPINTests {
    private func objection(_ text: String, of name: String = "alice") -> String? {
        do {
            _ = try NewPIN(text, of: name)
            return nil
        } catch {
            return error.faults.first?.detail
        }
    }

    @Test(arguments: ["482915", "4829", "739104826153", "correct horse", "größer als 8", "71948260371946"])
    func `takes what is not guessed first`(text: String) {
        #expect(objection(text) == nil)
    }

    @Test(arguments: [
        "", "1", "482", "geheim", String(repeating: "ab1", count: 43), "4829\n15", "pass\u{0}word1",
    ])
    func `refuses what is too short, too long or not to be typed`(text: String) {
        #expect(objection(text) != nil)
    }

    @Test(arguments: [
        "0000", "777777", "1234", "9876", "7890", "1212", "123123", "482482", "1987", "2024", "2580",
        "12345678",
        "abcdefgh", "aaaaaaaaaa", "password1", "Passw0rd!", "qwertyui", "letmein123", "abababab", "87654321",
    ])
    func `refuses in words what anybody would try`(text: String) {
        #expect(objection(text)?.hasSuffix("anybody would try it") == true)
    }

    @Test func `refuses the person's own name`() {
        #expect(objection("Alice-2417!") == "must not contain the person's name")
        #expect(objection("Alice-2417!", of: "bob") == nil)
    }

    @Test func `is never printed`() throws {
        let pin = try NewPIN("482915", of: "alice")
        #expect(!"\(pin)".contains("482915"))
        var text = ""
        dump(pin, to: &text)
        #expect(!text.contains("482915"))
    }
}
