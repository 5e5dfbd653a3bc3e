extension Plot {
    /// With fewer points than this a picture keeps the width of this many.
    private static let fewPoints = 7

    /// The picture as gnuplot reads it.
    package func script(_ format: Format, _ shade: Shade) -> String {
        let colours = Colours(shade)
        let height = height
        var lines = [
            "set encoding utf8", terminal(format, height, colours), "set key off",
            "set border 3 lc rgb '\(colours.edge)'",
            "set tics nomirror scale 0.5 textcolor rgb '\(colours.ink)'",
            "set grid ytics lt 1 lc rgb '\(colours.line)' lw 1", "set style fill solid 1.0 noborder",
            "set boxwidth 0.7", "set lmargin 12", "set rmargin 3", "set datafile missing '?'",
            "set xrange [\(0.5 - margin):\(Double(labels.count) + 0.5 + margin)]",
        ]
        lines += panels.enumerated().map(data)
        lines.append("set multiplot")
        for (index, panel) in panels.enumerated() { lines += drawing(panel, index, colours) }
        return (lines + ["unset multiplot", ""]).joined(separator: "\n")
    }

    private func terminal(_ format: Format, _ height: Int, _ colours: Colours) -> String {
        switch format {
        case .svg:
            "set terminal svg size 720,\(height) dynamic font 'sans-serif,14' background '\(colours.ground)'"
        case .png:
            "set terminal pngcairo size 1440,\(2 * height) font 'DejaVu Sans,20' linewidth 2 background '\(colours.ground)'"
        }
    }

    /// Room at both sides where there are few points, so that one alone does not fill the whole picture.
    private var margin: Double { Double(max(0, Self.fewPoints - labels.count)) / 2 }

    /// The values of a panel, and once more those that stand alone: no line leads to them, so that they are marked.
    private func data(_ index: Int, _ panel: Panel) -> String {
        let alone = panel.values.indices.map { panel.isAlone($0) ? panel.values[$0] : nil }
        return [("panel", panel.values), ("alone", alone)].map { name, values in
            let rows = values.enumerated().map { row, value in
                "\(row + 1) \(value.map { "\($0)" } ?? "?")"
            }
            return "$\(name)\(index) << EOD\n\(rows.joined(separator: "\n"))\nEOD"
        }.joined(separator: "\n")
    }

    private func drawing(_ panel: Panel, _ index: Int, _ colours: Colours) -> [String] {
        // The first panel is the larger one; each has its title above and its labels, where they stand, below.
        let shares =
            panels.count == 1
            ? [1.0] : [0.56] + Array(repeating: 0.44 / Double(panels.count - 1), count: panels.count - 1)
        let top = 1 - shares[..<index].reduce(0, +)
        let bottom = top - shares[index]
        let isLast = index == panels.count - 1
        let height = Double(height)
        let marks = AxisMarks(panel)
        return [
            "set tmargin at screen \(top - 34 / height)",
            "set bmargin at screen \(bottom + (isLast ? 34 : 12) / height)",
            "set title '\(panel.title)' textcolor rgb '\(colours.ink)' offset 0,-0.4",
            "set yrange [\(marks.lowest):\(marks.highest)]",
            "set ytics (\(marks.labels(panel)))",
            isLast
                ? "set xtics nomirror scale 0.5 textcolor rgb '\(colours.ink)' (\(ticks))" : "unset xtics",
            "plot \(plotted(panel, index, colours))",
        ]
    }

    private var height: Int { panels.count == 1 ? 300 : 250 + 170 * (panels.count - 1) }

    /// At most ten labels, evenly apart, the newest among them.
    private var ticks: String {
        let step = max(1, (labels.count + 9) / 10)
        return labels.enumerated().filter { (labels.count - 1 - $0.offset) % step == 0 }
            .map { "'\($0.element)' \($0.offset + 1)" }.joined(separator: ", ")
    }

    private func plotted(_ panel: Panel, _ index: Int, _ colours: Colours) -> String {
        let source = "$panel\(index) using 1:2"
        let alone = panel.values.indices.contains(where: panel.isAlone) ? "$alone\(index) using 1:2" : nil
        switch panel.style {
        case .line:
            return "\(source) with linespoints lc rgb '\(colours.line1)' lw 2 pt 7 ps 0.4"
                + (alone.map { ", \($0) with points lc rgb '\(colours.line1)' pt 7 ps 1.4" } ?? "")
        case .depth:
            // A number alone has no width that could be filled: it hangs from nought as a bar with its point.
            return (alone.map { "\($0) with boxes fc rgb '\(colours.depth)', " } ?? "")
                + "\(source) with filledcurves y=0 fc rgb '\(colours.depth)', \(source) with lines lc rgb '\(colours.bad)' lw 2"
                + (alone.map { ", \($0) with points lc rgb '\(colours.bad)' pt 7 ps 1.4" } ?? "")
        case .bars:
            return
                "$panel\(index) using 1:($2>=0?$2:NaN) with boxes lc rgb '\(colours.line1)', "
                + "$panel\(index) using 1:($2<0?$2:NaN) with boxes lc rgb '\(colours.bad)'"
                // Nought alone has no height, and would leave the picture empty.
                + (alone == nil
                    ? ""
                    : ", $alone\(index) using 1:($2==0?0:NaN) with points lc rgb '\(colours.line1)' pt 7 ps 1.4")
        }
    }
}

/// The colours of one shade; each can be told from the ground by people who see little.
private struct Colours {
    let ground: String
    let ink: String
    let edge: String
    let line: String
    let line1: String
    let bad: String
    let depth: String

    init(_ shade: Plot.Shade) {
        switch shade {
        case .light:
            (ground, ink, edge, line) = ("#ffffff", "#182230", "#78818c", "#d8d6cd")
            (line1, bad, depth) = ("#1d4a86", "#9c1a22", "#efcacc")
        case .dark:
            (ground, ink, edge, line) = ("#1a2029", "#e9ebee", "#8b96a3", "#36404d")
            (line1, bad, depth) = ("#9cc4f5", "#ff9f9f", "#5a2a2d")
        }
    }
}
