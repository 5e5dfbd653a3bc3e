import Domain
import Support
import Testing

struct ExactDecimalTests {
    private func decimal(_ text: String) throws -> ExactDecimal { try #require(ExactDecimal(text)) }

    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("118.20", "118.2"), ("-0.5", "-0.5"), ("1e3", "1000"),
        ("1.25E-2", "0.0125"),
        ("0.000000001", "0.000000001"), ("999999999999999", "999999999999999"), ("10e-1", "1"),
        ("0e400", "0"),
        ("0.1000000000000000000000000000000", "0.1"),
    ])
    func `reads and writes plain digits`(text: String, expected: String) {
        #expect((ExactDecimal(text)?.description ?? "?") == expected)
    }

    @Test(arguments: [
        "", "-", "+1", "01", "1.", ".5", "NaN", "Infinity", "1e400", "1e16", "1 ", "0x10", "1,000", "1e", "٣",
        "1000000000000000", "1.0000000000000000001", "1234567890123456789012345678901234567890",
    ])
    func `refuses what is no decimal or too long`(text: String) {
        #expect(ExactDecimal(text) == nil)
    }

    @Test func `adds, takes away and multiplies exactly`() throws {
        #expect(try decimal("0.1") + decimal("0.2") == decimal("0.3"))
        #expect(try decimal("1.5") - decimal("2.25") == decimal("-0.75"))
        #expect(try decimal("400") * decimal("118.20") == decimal("47280"))
        #expect(try decimal("-0.000000001") * decimal("0.0001") == decimal("-0.0000000000001"))
    }

    @Test func `rounds products beyond eighteen places half to even`() throws {
        let tiny = try decimal("0.000000000000000001")
        #expect(try tiny * decimal("0.5") == .zero)
        #expect(try tiny * decimal("1.5") == decimal("0.000000000000000002"))
        #expect(try tiny * decimal("-1.5") == decimal("-0.000000000000000002"))
        #expect(
            try decimal("999999999999999.123456789012345678") * .one
                == decimal("999999999999999.123456789012345678"))
    }

    @Test(arguments: [
        ("1", "3", 4, "0.3333"), ("2", "3", 4, "0.6667"), ("-2", "3", 4, "-0.6667"), ("1", "8", 2, "0.12"),
        ("3", "8", 2, "0.38"), ("47280", "100000", 6, "0.4728"), ("1", "-4", 1, "-0.2"),
    ])
    func `divides to a scale`(top: String, bottom: String, scale: Int, expected: String) throws {
        #expect(try decimal(top).divided(by: decimal(bottom), scale: scale)?.description == expected)
        #expect(try decimal(top).divided(by: .zero) == nil)
    }

    @Test func `rounds down, up and to even`() throws {
        let value = try decimal("2.345")
        #expect(value.rounded(scale: 2, .down).description == "2.34")
        #expect(value.rounded(scale: 2, .up).description == "2.35")
        #expect(value.rounded(scale: 2, .halfEven).description == "2.34")
        #expect((-value).rounded(scale: 2, .up).description == "-2.35")
        #expect((-value).rounded(scale: 0, .down).description == "-2")
    }

    @Test func `compares by value, whatever the digits`() throws {
        #expect(try decimal("1.50") == decimal("1.5"))
        #expect(try Set([decimal("1.0"), decimal("1")]).count == 1)
        #expect(try decimal("-1") < decimal("0.001"))
        #expect(try decimal("2") > decimal("1.999999999"))
    }

    @Test func `writes for people`() throws {
        #expect(try decimal("47280").grouped() == "47,280")
        #expect(try decimal("-1234567.5").grouped(minimumPlaces: 2) == "-1,234,567.50")
        #expect(try decimal("999").grouped(minimumPlaces: 2) == "999.00")
        #expect(try decimal("118.2").text(minimumPlaces: 2) == "118.20")
    }

    @Test(arguments: [
        ("118.2", "118.2"), ("-1250.75", "-1250.75"), ("3", "3"), ("1.5e-3", "0.0015"), ("1.5e-12", "0"),
        ("0.1234567894", "0.123456789"), ("0.123456789512345678901234567890", "0.12345679"),
        ("33." + String(repeating: "3", count: 80), "33.333333333"),
    ])
    func `reads a broker's number, rounded to nine places`(text: String, expected: String) {
        #expect(ExactDecimal.fromBroker(text)?.description == expected)
    }

    @Test(arguments: [
        "", ".", "1.", "x", "1.5x", "1.1234567890123x", "1.12345678901234.5", "1.123456789012345e2x",
    ])
    func `reads no broker's number where it is none, however late that shows`(text: String) {
        #expect(ExactDecimal.fromBroker(text) == nil)
    }

    @Test(arguments: [
        ("0", "0.00"), ("-0.05", "-0.05"), ("0.123456789", "0.123456789"), ("1000", "1,000.00"),
        ("-100", "-100.00"), ("123456", "123,456.00"), ("-1000000", "-1,000,000.00"),
        ("999999999999999.123456789012345678", "999,999,999,999,999.123456789012345678"),
        ("-0.000000000000000001", "-0.000000000000000001"),
    ])
    func `writes numbers of any length`(text: String, grouped: String) throws {
        #expect(try decimal(text).description == text)
        #expect(try decimal(text).grouped(minimumPlaces: 2) == grouped)
        #expect(try decimal(text).text(minimumPlaces: 2) == grouped.filter { $0 != "," })
    }

    /// With an exponent of nought behind it a number is read by the long way, which takes any number.
    @Test func `short numbers are read as long ones are`() {
        var random = SplitMix64(seed: 20_261_124)
        let signs = Array("0123456789012345678900..-eE+ x")
        for _ in 0..<20_000 {
            let count = Int.random(in: 0...19, using: &random)
            let text = String((0..<count).map { _ in signs.randomElement(using: &random) ?? "0" })
            let isPlain = !text.contains { "eE".contains($0) }
            if isPlain { #expect(ExactDecimal(text) == ExactDecimal(text + "e0"), "\(text)") }
            let number = text.filter(\.isNumber)
            for plain in [number, "-" + number, "0." + number, number.prefix(3) + "." + number.dropFirst(3)] {
                #expect(ExactDecimal(plain) == ExactDecimal(plain + "e0"), "\(plain)")
            }
        }
    }
}
