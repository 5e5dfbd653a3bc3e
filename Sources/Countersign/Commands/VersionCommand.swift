import Console
import JSON

/// `version`.
enum VersionCommand {
    static let all = [version]

    private static let version = Command(
        CommandShape("version", "Prints the version.", printsData: true)
    ) { call in
        Output.show(["version": .string(Countersign.version)], asJSON: call.wantsJSON) {
            "countersign \(Countersign.version)"
        }
        return .done
    }
}
