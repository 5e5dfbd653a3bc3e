import Cryptography
import Domain
import Gate
import HTTPServer
import JSON
import Store

extension RouteTable {
    /// Proposals: made, read, listed, withdrawn.
    mutating func addProposals() {
        api(.post, "/proposals") { call in try await propose(call) }
        api(.get, "/proposals") { call in try await listProposals(call) }
        api(.get, "/proposals/{id}") { call in try await findProposal(call) }
        api(.post, "/proposals/{id}/withdraw") { call in
            try call.require(call.caller.mayPropose, to: "withdraw a proposal")
            try requireEmpty(call.request.optionalJSON())
            let id = try call.identifier(of: "proposal")
            return .json(try await call.context.withdrawal.withdraw(id, by: call.caller).json)
        }
    }
}

private func propose(_ call: APICall) async throws -> HTTPResponse {
    guard let proposer = Proposer(call.caller) else {
        try call.require(false, to: "propose a trade; it takes a key of scope propose")
        throw Refusal.notFound("proposal")
    }
    let idempotencyKey = try call.request.idempotencyKey()
    let body = try call.request.json()
    let draft = try ProposalDraft.parse(body).get()
    let admitted = try await call.context.dependencies.admission.propose(
        AdmissionRequest(
            draft: draft, requestHash: SHA256.hash(body.canonical()), idempotencyKey: idempotencyKey,
            proposer: proposer))
    let json = admitted.view.json
    guard !admitted.isReplay else {
        return HTTPResponse.json(json).header("Idempotency-Replayed", "true")
    }
    return HTTPResponse.json(json, status: 201)
        .header("Location", "\(RouteTable.apiPrefix)/proposals/\(admitted.view.record.id)")
}

private func findProposal(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayRead || call.caller.mayPropose, to: "read proposals")
    let id = try call.identifier(of: "proposal")
    var query = QueryReader(call.request)
    let wait = query.int("wait", in: 0...60) ?? 0
    try query.finish()
    let proposals = call.context.proposals
    var view = try await proposals.find(id, for: call.caller)
    if wait > 0, view.record.state == .pending, call.request.method == .get {
        await call.context.hub.waitUntilDecided(id, seconds: Double(wait))
        view = try await proposals.find(id, for: call.caller)
    }
    return .json(view.json)
}

private func listProposals(_ call: APICall) async throws -> HTTPResponse {
    try call.require(call.caller.mayRead || call.caller.mayPropose, to: "read proposals")
    var query = QueryReader(call.request)
    let filter = ProposalFilter(
        state: query.choice("state", ProposalState.self), symbol: query.text("symbol")?.uppercased(),
        strategy: query.text("strategy"))
    let (limit, before) = query.page()
    try query.finish()
    let page = try await call.context.proposals.list(filter, before: before, limit: limit, for: call.caller)
    return listResponse(page.items.map(\.json), next: page.next)
}

/// Refuses fields where none are taken.
func requireEmpty(_ body: JSONValue) throws {
    try JSONReader(body).finish()
}
