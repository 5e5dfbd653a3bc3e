import Plotting
import Testing

@Suite struct AxisTests {
    /// What is written beside the axis of a panel, from below to above, and where the axis ends.
    private static func axis(
        _ values: [Double?], _ style: Plot.Style = .line, prefix: String = "$", suffix: String = "",
        places: Int = 0
    ) throws -> String {
        let panel = Plot.Panel("x", style, values, prefix: prefix, suffix: suffix, places: places)
        let plot = try #require(Plot(labels: values.map { _ in "d" }, panels: [panel]))
        let lines = plot.script(.svg, .light).split(separator: "\n")
        let marks = try #require(lines.first { $0.hasPrefix("set ytics (") })
        let range = try #require(lines.first { $0.hasPrefix("set yrange") })
        let words = marks.matches(of: /'([^']*)'/).map { String($0.1).replacing("%%", with: "%") }
        return words.joined(separator: " ") + " " + range.dropFirst("set yrange ".count)
    }

    @Test func `the sign stands before the dollar`() throws {
        #expect(try Self.axis([-430, 200], .bars) == "-$600 -$400 -$200 $0 $200 [-600.0:200.0]")
        #expect(try Self.axis([-430, -200]) == "-$500 -$400 -$300 -$200 [-500.0:-200.0]")
        #expect(try Self.axis([-430, -200], .bars) == "-$500 -$400 -$300 -$200 -$100 $0 [-500.0:0.0]")
    }

    @Test func `marks that are fractions are told apart`() throws {
        #expect(try Self.axis([-0.3, 0.4], .bars) == "-$0.4 -$0.2 $0.0 $0.2 $0.4 [-0.4:0.4]")
        #expect(try Self.axis([0.01, 0.05], .bars) == "$0.00 $0.02 $0.04 $0.06 [0.0:0.06]")
        #expect(try Self.axis([1.25, 3], .bars) == "$0 $1 $2 $3 [0.0:3.0]")
    }

    @Test func `a depth hangs from nought, in percent`() throws {
        let depth = try Self.axis([0, -1.2, nil], .depth, prefix: "", suffix: "%", places: 1)
        #expect(depth == "-1.5% -1.0% -0.5% 0.0% [-1.5:0.0]")
        let none = try Self.axis([0, 0], .depth, prefix: "", suffix: "%", places: 1)
        #expect(none == "-1.0% 0.0% [-1.0:0.0]")
    }

    @Test func `large numbers are grouped, and one number alone stands between two marks`() throws {
        #expect(
            try Self.axis([99_450, 100_610])
                == "$99,000 $99,500 $100,000 $100,500 $101,000 [99000.0:101000.0]")
        #expect(try Self.axis([100_000, 100_000]) == "$0 $100,000 $200,000 [0.0:200000.0]")
        #expect(try Self.axis([0], .bars, prefix: "") == "-1 0 1 [-1.0:1.0]")
        #expect(try Self.axis([1e14, -1e14], .bars).hasPrefix("-$100,000,000,000,000 "))
    }

    @Test(arguments: [
        [0.1, 0.7], [-1e-9, 1e-9], [123.456, 123.457], [-99.99, 1e6], [3, 3.0000000000001],
        [1e14, 1e14 + 0.1],
    ])
    func `every number lies on the axis, which has few marks, each of its own`(values: [Double]) throws {
        for style in [Plot.Style.line, .bars] {
            let parts = try Self.axis(values, style).split(separator: " [")
            let ends = parts[1].dropLast().split(separator: ":").compactMap { Double($0) }
            let slack = (ends[1] - ends[0]) * 1e-9
            #expect(values.allSatisfy { ends[0] - slack <= $0 && $0 <= ends[1] + slack }, "\(parts)")
            let words = parts[0].split(separator: " ")
            #expect((2...8).contains(words.count) && Set(words).count == words.count, "\(parts)")
        }
    }
}
