import Glibc
import Plotting
import Support
import Testing

@Suite struct PlotterTests {
    private static func plot(_ values: [Double?] = [1, -2, nil, 4]) throws -> Plot {
        try #require(
            Plot(
                labels: values.indices.map { "11-2\($0 % 10)" },
                panels: [
                    .init("Equity, USD", .line, values, prefix: "$"),
                    .init("Below, %", .depth, values.map { $0.map { min(0, $0) } }, suffix: "%", places: 1),
                ]))
    }

    private static func withDirectory(_ body: (TemporaryDirectory) async throws -> Void) async throws {
        try await body(TemporaryDirectory())
    }

    /// A program of a few lines in the place of gnuplot.
    private static func program(_ lines: String, in directory: TemporaryDirectory) throws -> String {
        let path = "\(directory.path)/plot"
        try directory.write("plot", "#!/bin/sh\n\(lines)\n")
        #expect(chmod(path, 0o755) == 0)
        return path
    }

    @Test(arguments: [Plot.Shade.light, .dark])
    func `gnuplot draws what the script says, as SVG and as PNG`(shade: Plot.Shade) async throws {
        let plotter = Plotter()
        #expect(plotter.isAvailable, "ops/setup installs gnuplot-nox")
        let svg = String(decoding: try await plotter.draw(Self.plot(), .svg, shade), as: UTF8.self)
        #expect(svg.contains("-$2") && svg.contains("-1.0%") && !svg.contains("$-"))
        #expect(svg.contains("Equity, USD") && svg.contains("11-20") && !svg.contains("<script"))
        #expect(!svg.contains(" style=") && !svg.contains(" on"))
        let png = try await plotter.draw(Self.plot(), .png, shade)
        #expect(png.count > 2000 && png.count < 300_000)
        #expect(try await plotter.draw(Self.plot(), .png, shade) == png)
    }

    @Test(arguments: ["`id`", "a'b", "a\"b", "a\nb", "a;b", "a\\b", "ü", String(repeating: "x", count: 41)])
    func `a text that is more than plain words is not drawn`(text: String) {
        #expect(Plot(labels: [text], panels: [.init("x", .bars, [1])]) == nil)
        #expect(Plot(labels: ["x"], panels: [.init(text, .bars, [1])]) == nil)
        #expect(Plot(labels: ["x"], panels: [.init("x", .bars, [1], prefix: text)]) == nil)
    }

    @Test(
        arguments: [[], [nil], [.nan], [.infinity], [1e16], Array(repeating: 1, count: 401)] as [[Double?]])
    func `what cannot be drawn is none`(values: [Double?]) {
        #expect(Plot(labels: values.map { _ in "x" }, panels: [.init("x", .line, values)]) == nil)
    }

    @Test func `labels and numbers that do not fit each other are none`() {
        #expect(Plot(labels: ["a", "b"], panels: [.init("x", .line, [1])]) == nil)
        #expect(Plot(labels: ["a"], panels: []) == nil)
    }

    @Test func `a program that is missing, fails, draws nothing or half a picture is an error`() async throws
    {
        try await Self.withDirectory { directory in
            let missing = Plotter(program: "\(directory.path)/none")
            #expect(!missing.isAvailable)
            await #expect(throws: PlottingError.self) { try await missing.draw(Self.plot(), .svg, .light) }
            for lines in ["exit 3", "true", "echo '<?xml version'", "kill -9 $$", "printf '\\211PNG'"] {
                let plotter = Plotter(program: try Self.program(lines, in: directory))
                await #expect(throws: PlottingError.self, "\(lines)") {
                    try await plotter.draw(Self.plot(), .svg, .light)
                }
            }
        }
    }

    @Test func `one that does not end, or writes without end, is ended`() async throws {
        try await Self.withDirectory { directory in
            var limits = Plotter.Limits()
            limits.seconds = 0.3
            limits.bytes = 100_000
            for lines in ["exec sleep 600", "exec cat /dev/zero"] {
                let plotter = Plotter(program: try Self.program(lines, in: directory), limits: limits)
                await #expect(throws: PlottingError.self, "\(lines)") {
                    try await plotter.draw(Self.plot(), .svg, .light)
                }
            }
        }
    }

    @Test func `it inherits no variable and no file of ours`() async throws {
        try await Self.withDirectory { directory in
            setenv("COUNTERSIGN_SECRET_KEY", "leaked", 1)
            let open = Glibc.open("/etc/hostname", O_RDONLY)
            defer { close(open) }
            let lines = """
                echo '<?xml'; env; ls /proc/self/fd | tr '\\n' ' '; pwd; echo '</svg>'
                """
            let plotter = Plotter(program: try Self.program(lines, in: directory))
            let told = String(decoding: try await plotter.draw(Self.plot(), .svg, .light), as: UTF8.self)
            #expect(!told.contains("leaked") && told.contains("LC_ALL=C.UTF-8"))
            #expect(told.contains("0 1 2 3 /"), "\(told)")
        }
    }
}
