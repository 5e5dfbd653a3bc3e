import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// The limits and their versions.
    mutating func addPolicy() {
        let policies = Policies(context.gate)
        api(.get, "/policy") { call in
            try call.require(call.caller.mayRead, to: "read the policy")
            var query = QueryReader(call.request)
            try query.finish()
            return .json(try await policies.newest().json)
        }
        api(.put, "/policy") { call in
            try call.require(call.caller.mayAdminister, to: "change the policy; it takes an admin")
            let applied = try await policies.apply(call.request.json(), by: call.caller.journalActor)
            return .json(applied.json)
        }
        api(.get, "/policy/versions") { call in
            try call.require(call.caller.mayRead, to: "read the policy")
            var query = QueryReader(call.request)
            let (limit, before) = query.page()
            try query.finish()
            let records = try await policies.versions(before: before, limit: limit + 1)
            let page = records.prefix(limit)
            return listResponse(page.map(\.json), next: records.count > limit ? page.last?.version : nil)
        }
    }
}

extension PolicyRecord {
    fileprivate var json: JSONValue {
        [
            "version": .integer(version), "policy": document, "applied_by": .string(appliedBy),
            "applied_at": .string(appliedAt.rfc3339),
        ]
    }
}

extension PolicyApplication {
    fileprivate var json: JSONValue {
        var object = record.json.objectValue ?? [:]
        switch self {
        case .unchanged:
            object["changed"] = false
            object["changes"] = []
        case .applied(_, let changes):
            object["changed"] = true
            object["changes"] = .array(
                changes.map { ["pointer": .string($0.pointer), "from": $0.from, "to": $0.to] })
        }
        return .object(object)
    }
}
