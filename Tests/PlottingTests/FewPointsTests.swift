import Foundation
import Plotting
import Testing

/// What a picture shows where there is little to draw: nothing that is known stays invisible.
@Suite struct FewPointsTests {
    private static func script(_ values: [Double?], _ style: Plot.Style) throws -> String {
        let panel = Plot.Panel("x", style, values, prefix: "$")
        return try #require(Plot(labels: values.map { _ in "d" }, panels: [panel])).script(.svg, .light)
    }

    @Test func `one point alone is marked, as it would make no line and fill no area`() throws {
        let line = try Self.script([99_999.6], .line)
        #expect(line.contains("$alone0 << EOD\n1 99999.6\nEOD"))
        #expect(line.contains("$alone0 using 1:2 with points") && line.contains(" ps 1.4\n"))
        let depth = try Self.script([-0.4], .depth)
        #expect(depth.contains("$alone0 using 1:2 with boxes") && depth.contains("with filledcurves"))
    }

    @Test func `a point between two gaps is alone too, one with a neighbour is not`() throws {
        let line = try Self.script([1, 2, nil, 4, nil, 6], .line)
        #expect(line.contains("$alone0 << EOD\n1 ?\n2 ?\n3 ?\n4 4.0\n5 ?\n6 6.0\nEOD"))
        #expect(!(try Self.script([1, 2, nil, 4, 5], .line)).contains("$alone0 using"))
    }

    @Test func `a bar is seen by itself, save one of nought`() throws {
        #expect(try Self.script([0], .bars).contains("$alone0 using 1:($2==0?0:NaN) with points"))
        #expect(!(try Self.script([0, 3], .bars)).contains("$alone0 using"))
    }

    @Test func `a few points do not fill the whole width`() throws {
        #expect(try Self.script([3], .bars).contains("set xrange [-2.5:4.5]"))
        #expect(try Self.script([3, 4], .line).contains("set xrange [-2.0:5.0]"))
        #expect(try Self.script(Array(repeating: 1, count: 20), .line).contains("set xrange [0.5:20.5]"))
    }

    @Test(arguments: [Plot.Style.line, .depth, .bars])
    func `gnuplot draws one point`(style: Plot.Style) async throws {
        let panel = Plot.Panel("x", style, [style == .depth ? -0.4 : 99_999.6], prefix: "$")
        let plot = try #require(Plot(labels: ["11-20"], panels: [panel]))
        let svg = String(decoding: try await Plotter().draw(plot, .svg, .light), as: UTF8.self)
        let colour = style == .depth ? "156,  26,  34" : "29,  74, 134"
        #expect(svg.contains(colour), "something is drawn in the colour of the data")
    }
}
