import Console
import Gate
import HTTPServer
import JSON
import Notifications
import Postgres

/// What people read about a failure, and the exit code that goes with it.
enum FailureText {
    static func of(_ error: any Error) -> String {
        switch error {
        case let error as Refusal:
            let faults = error.faults.map { "\n- \($0.pointer): \($0.detail)" }
            return error.detail + faults.joined()
        case let error as DeliveryRefusal: return error.detail
        case let error as HTTPServerError where error.code == .addressInUse:
            return "The port is in use. \(error.message)"
        case let error as PostgresError where error.isConnectionFailure:
            return "The database cannot be reached. \(error.message)"
        case let error as PostgresError where error.sqlState == "42P01":
            return "The database has not been set up. Run countersign migrate."
        case let error as PostgresError where error.sqlState == "42501":
            return "The database's role may not do that: \(error.message)"
        default:
            return "\(error)"
        }
    }

    static func code(of error: any Error) -> ExitCode {
        switch error {
        case is UsageError, is ConfigurationError: .usage
        case let error as CommandFailure: error.code
        case let error as Refusal: code(of: error.code)
        case let error as ServerProblem: error.exitCode
        default: .failed
        }
    }

    /// The same for what the server refuses and for what is refused on the database.
    static func code(of refusal: RefusalCode) -> ExitCode {
        switch refusal {
        case .expired, .lapsed: .expired
        case .halted, .refused, .noPolicy, .alreadyDecided, .orderChanged, .selfApproval, .notAllowed,
            .secondPersonRequired:
            .refused
        default: .failed
        }
    }
}
