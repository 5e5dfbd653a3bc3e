import Console
import Glibc

/// The program: finds the command and runs it.
@main
struct Countersign {
    static let version = "0.1.0"

    static func main() async {
        // A reader that went away, as of `countersign list | head`, is seen as a failed write.
        signal(SIGPIPE, SIG_IGN)
        let code = await Program.run(Array(CommandLine.arguments.dropFirst()))
        exit(code.rawValue)
    }
}
