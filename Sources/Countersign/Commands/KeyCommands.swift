import Console
import Domain
import Gate
import JSON
import Store

/// `key …`: what bots, workers and scripts prove themselves with.
enum KeyCommands {
    static let all = [create, list, revoke]

    private static let create = Command(
        CommandShape(
            "key create", "Makes an API key.",
            options: [
                .init("scope", "SCOPE", "propose, work, read, alert or operate", isRequired: true),
                .init("name", "NAME", "whose it is, such as dee-bot", isRequired: true),
            ], printsData: true,
            notes: """
                propose makes proposals, reads its own and withdraws them; work is for the execution worker; read sees everything
                and changes nothing; alert raises alerts; operate stops trading and lets it go on. No key decides on a
                proposal: that takes a person.

                The key is printed once, alone, or with --json as "key" beside what "key list" tells of it. Only its hash is
                stored.
                """)
    ) { call in
        let name = try call.invocation.required("name")
        guard let scope = try call.invocation.word("scope", as: KeyScope.self), scope != .personal else {
            throw UsageError(
                "A personal token is made with countersign user token NAME --name laptop.",
                command: "key create")
        }
        let key = try await call.onDatabase { gate in
            try await Identity(context: gate).createKey(named: name, scope: scope, by: Call.actor)
        }
        Output.show(json(key), asJSON: call.wantsJSON) { key.secret.text }
        Output.say("A key named \(name) of scope \(scope.rawValue). It is not shown again.")
        return .done
    }

    private static let list = Command(
        CommandShape("key list", "Lists keys and personal tokens, without their secrets.", printsData: true)
    ) { call in
        let keys = try await call.onDatabase { gate in try await Identity(context: gate).keys() }
        Output.show(.array(keys.map(json)), asJSON: call.wantsJSON) {
            Output.table(
                ["NAME", "SCOPE", "USER", "BEGINS", "LAST USED", "STATE"],
                keys.map { key in
                    [
                        key.name, key.scope.rawValue, key.userName ?? "-", key.hint,
                        key.lastUsedAt?.rfc3339 ?? "never",
                        key.revokedAt == nil ? "active" : "revoked",
                    ]
                })
        }
        return .done
    }

    private static let revoke = Command(
        CommandShape(
            "key revoke", "Takes a key out of use at once.",
            operands: [.init("NAME", "the key's name or id")],
            options: [.init("user", "USER", "for a personal token: the person it belongs to")])
    ) { call in
        let name = try call.invocation.required("NAME")
        let user = call.invocation.value("user")
        try await call.onDatabase { gate in
            let identity = try Identity(context: gate)
            let known = Identifier(name) == nil ? nil : try await identity.keys().first { $0.id.text == name }
            try await identity.revokeKey(
                named: known?.name ?? name, ofUserNamed: known?.userName ?? user, by: Call.actor)
        }
        Output.say("\(name) is revoked.")
        return .done
    }

    /// A key that was just made, as `key list` shows it, and its secret.
    static func json(_ created: CreatedKey) -> JSONValue {
        .object((json(created.record).objectValue ?? [:]).merging(["key": .string(created.secret.text)]))
    }

    private static func json(_ key: KeyRecord) -> JSONValue {
        [
            "id": .string(key.id.text), "name": .string(key.name), "scope": .string(key.scope.rawValue),
            "user": .text(key.userName), "hint": .string(key.hint),
            "created_at": .string(key.createdAt.rfc3339),
            "last_used_at": .text(key.lastUsedAt?.rfc3339), "revoked_at": .text(key.revokedAt?.rfc3339),
        ]
    }
}
