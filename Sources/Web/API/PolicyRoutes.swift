import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// The limits and their versions.
    mutating func addPolicy() {
        let policies = Policies(context.gate)
        let drafts = PolicyDrafts(context.gate)
        api(.get, "/policy") { call in
            try call.require(call.caller.mayRead, to: "read the policy")
            var query = QueryReader(call.request)
            try query.finish()
            return .json(try await policies.newest().json)
        }
        api(.put, "/policy") { call in
            try call.require(call.caller.mayAdminister, to: "change the policy; it takes an admin")
            let person = try call.requirePerson(to: "change the policy").person
            switch try await drafts.propose(call.request.json(), by: person) {
            case .done(let application): return .json(application.json)
            case .drafted(let draft, let changes):
                return .json(draft.json(changes: changes), status: 202)
            }
        }
        api(.get, "/policy/versions") { call in
            try call.require(call.caller.mayRead, to: "read the policy")
            var query = QueryReader(call.request)
            let (limit, before) = query.page()
            try query.finish()
            let records = try await policies.versions(before: before, limit: limit + 1)
            let page = records.prefix(limit)
            let next = records.count > limit ? page.last?.version : nil
            var answer: JSONObject = [
                "items": .array(page.map(\.json)), "next_cursor": .text(next.map(Cursor.text)),
            ]
            answer["drafts"] = .array(before == nil ? try await drafts.list().map { $0.json() } : [])
            return .json(.object(answer))
        }
        api(.post, "/policy/drafts/{id}/accept") { call in
            try call.require(call.caller.mayAdminister, to: "accept a policy; it takes an admin")
            let person = try call.requirePerson(to: "accept a policy").person
            return .json(try await drafts.accept(call.identifier(of: "draft"), by: person).json)
        }
        api(.post, "/policy/drafts/{id}/reject") { call in
            try call.require(call.caller.mayAdminister, to: "reject a policy; it takes an admin")
            let person = try call.requirePerson(to: "reject a policy").person
            let reader = JSONReader(try call.request.optionalJSON())
            let reason = reader.string("reason", maxCharacters: TextLimits.reason)
            try reader.finish()
            return .json(
                try await drafts.reject(call.identifier(of: "draft"), reason: reason, by: person).json())
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

extension PolicyDraftRecord {
    fileprivate func json(changes: [PolicyChange]? = nil) -> JSONValue {
        var object: JSONObject = [
            "id": .string(id.text), "state": .string(state.rawValue), "policy": document,
            "base_version": .integer(baseVersion), "proposed_by": .string("user:\(proposedByName)"),
            "proposed_at": .string(proposedAt.rfc3339), "decided_by": .text(decidedBy),
            "decided_at": .text(decidedAt?.rfc3339), "reason": .text(reason),
            "version": version.map { .integer($0) } ?? .null,
        ]
        if let changes {
            object["changed"] = false
            object["changes"] = .array(
                changes.map { ["pointer": .string($0.pointer), "from": $0.from, "to": $0.to] })
        }
        return .object(object)
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
