import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// What people must hear of: raising, listing, taking note.
    mutating func addAlerts() {
        api(.post, "/alerts") { call in
            try call.require(call.caller.mayRaiseAlerts, to: "raise alerts")
            let raised = try await Alerts(call.context.gate).raise(try call.request.json(), by: call.caller)
            return .json(raised.alert.answer, status: raised.isNew ? 201 : 200)
        }
        api(.get, "/alerts") { call in try await listAlerts(call) }
        api(.get, "/alerts/{id}") { call in
            try call.require(call.caller.mayRead || call.caller.mayRaiseAlerts, to: "read alerts")
            var query = QueryReader(call.request)
            try query.finish()
            let id = try call.identifier(of: "alert")
            return .json(try await Alerts(call.context.gate).find(id, for: call.caller).answer)
        }
        api(.post, "/alerts/{id}/ack") { call in
            let (person, _) = try call.requirePerson(to: "acknowledge an alert")
            let id = try call.identifier(of: "alert")
            let comment = try call.optionalWords("comment")
            let alert = try await Alerts(call.context.gate).acknowledge(id, comment: comment, by: person)
            return .json(alert.answer)
        }
        api(.post, "/alerts/{id}/resolve") { call in
            try call.require(call.caller.mayRaiseAlerts, to: "end an alert")
            let id = try call.identifier(of: "alert")
            let reason = try call.optionalWords("reason")
            let alert = try await Alerts(call.context.gate).resolve(id, reason: reason, by: call.caller)
            return .json(alert.answer)
        }
    }
}

private func listAlerts(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayRead || call.caller.mayRaiseAlerts, to: "read alerts")
    var query = QueryReader(call.request)
    let filter = AlertFilter(
        standing: query.choice("state", AlertFilter.Standing.self),
        priority: query.choice("priority", AlertPriority.self), type: query.text("type"))
    let (limit, before) = query.page()
    try query.finish()
    let found = try await Alerts(call.context.gate).list(
        filter, before: before, limit: limit + 1, for: call.caller)
    let page = found.prefix(limit)
    return listResponse(
        page.map(\.answer), next: found.count > limit ? page.last?.sequence : nil)
}

extension APICall {
    /// The one text that the body may hold; a body may be left out.
    fileprivate func optionalWords(_ key: String) throws -> String? {
        let reader = JSONReader(try request.optionalJSON())
        let text = reader.string(key, maxCharacters: AlertDraft.Bounds.commentCharacters)
        try reader.finish()
        return text.flatMap { $0.isBlank ? nil : $0 }
    }
}

extension AlertRecord {
    /// The alert with the address of its page.
    fileprivate var answer: JSONValue {
        var object = json.objectValue ?? [:]
        object["links"] = [
            "self": .string("\(RouteTable.apiPrefix)/alerts/\(id)"),
            "page": .string("/alerts/\(id)"),
        ]
        return .object(object)
    }
}
