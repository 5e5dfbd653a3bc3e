import HTTPServer

extension HTTPRequest {
    /// Whether a person did something, rather than an open page that keeps itself up to date.
    ///
    /// An unattended screen must not keep its session alive. Browsers say in `Sec-Fetch-Mode` whether somebody went
    /// to a page or a script asked for it; our own script says so itself, for browsers that do not. Whoever sends
    /// neither (`curl` with a cookie) is somebody. A form always is.
    var isDoneBySomebody: Bool {
        if method == .post { return true }
        if headers.first("Countersign-Refresh") != nil || asksForEvents { return false }
        // Browsers fetch pages ahead of a click that may never come.
        if headers.first("Sec-Purpose") != nil || headers.first("Purpose") == "prefetch" { return false }
        return headers.first("Sec-Fetch-Mode").map { $0 == "navigate" } ?? true
    }

    private var asksForEvents: Bool {
        headers.all("Accept").contains { $0.contains("text/event-stream") } || segments.last == "live"
    }
}
