import Console
import Cryptography
import Domain
import Gate
import JSON
import Logging
import Notifications
import Plotting
import Postgres
import Reports
import Templates

extension DeliveryContext {
    /// The ground for sending, on the same database and keys as the use cases.
    init(
        gate: GateContext, resources: Resources, settings: ServerSettings, worker: WorkerWebhook?,
        drawing: ReportDrawing = ReportDrawing(), logger: Logger
    ) throws {
        try self.init(
            pool: gate.pool, publicURL: settings.publicURL, linkKey: gate.secrets.linkKey,
            channelKey: gate.secrets.channelKey, egress: settings.egress,
            templates: try TemplateSet(directory: resources.templates),
            authoritiesFile: settings.authoritiesFile, worker: worker, logger: logger,
            random: { Double(SecureRandom.below(1 << 31)) / Double(1 << 31) },
            draw: { chart, report in
                do {
                    return try await drawing.draw(chart, of: report, .png, .light)
                } catch {
                    // The report goes out all the same, and says that its chart is missing.
                    logger.error(
                        "chart.failed",
                        ["chart": .string(chart.rawValue), "error": .string("\(error)")])
                    return nil
                }
            })
    }
}
