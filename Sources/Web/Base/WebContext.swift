import Domain
import Gate
import HTTPServer
import JSON
import Logging
import Store
import Templates

/// What all routes share: the use cases, and what answers are made with.
///
/// A class, because each request is given it, and it holds some eighty references.
final class WebContext: Sendable {
    let dependencies: WebDependencies
    let address: PublicAddress
    let templates: TemplateSet
    let files: StaticFiles
    let hub: ProposalHub
    let changes = ChangeSignal()
    let streams = StreamCensus()
    let nonces: FormNonce
    let hosts: HostRule
    let proxies: TrustedProxies
    let statusGauges: StatusGauges

    let deciding: Deciding
    let halting: Halting
    let proposals: ProposalReading
    let revoking: Revoking
    let withdrawal: Withdrawal

    var gate: GateContext { dependencies.gate }
    var identity: Identity { dependencies.identity }
    var logger: Logger { dependencies.logger }
    var mode: TradingMode { dependencies.gate.mode }

    init(_ dependencies: WebDependencies) throws {
        guard let address = PublicAddress(dependencies.publicURL) else {
            throw WebSetupError(
                description: "COUNTERSIGN_PUBLIC_URL must be like https://desk.example.com, without a path")
        }
        self.dependencies = dependencies
        self.address = address
        templates = try TemplateSet(directory: dependencies.templateDirectory)
        files = try StaticFiles(directory: dependencies.staticDirectory)
        let gate = dependencies.gate
        hub = ProposalHub(pool: gate.pool)
        hosts = HostRule(address, listenHost: dependencies.listenHost)
        proxies = TrustedProxies(blocks: dependencies.trustedProxies)
        statusGauges = StatusGauges()
        nonces = FormNonce(key: gate.secrets.nonceKey)
        deciding = Deciding(gate)
        halting = Halting(gate)
        proposals = ProposalReading(gate)
        revoking = Revoking(gate)
        withdrawal = Withdrawal(gate)
    }

    /// Stops trading, and writes to the log what of that could not be done.
    func stop(
        _ request: HaltRequest, by actor: String, isDryRun: Bool = false, requestID: String
    ) async throws -> HaltOutcome {
        let outcome = try await halting.halt(request, by: actor, isDryRun: isDryRun)
        if let failure = outcome.failure {
            logger.with(requestID: requestID).error(
                "halt.incomplete",
                ["halt_id": .text(outcome.halt?.id.text), "error": .string(failure)])
        }
        return outcome
    }

    /// Writes a fault of ours to the log, with all that is known of it.
    func log(_ error: any Error, for request: HTTPRequest) {
        logger.with(requestID: request.id).error("request.failed", ["error": .string("\(error)")])
    }
}
