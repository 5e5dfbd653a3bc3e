import Console
import Domain
import Gate
import JSON
import Store

/// `user …`: people, and their personal tokens.
enum UserCommands {
    static let all = [add, list, disable, pin, unlock, token]

    private static let name = CommandShape.Operand("NAME", "the person's name")

    private static let add = Command(
        CommandShape(
            "user add", "Adds a person.", operands: [name],
            options: [
                .init("role", "ROLE", "viewer, approver, operator, admin or auditor", isRequired: true),
                .init("email", "ADDRESS", "where mail to them goes"),
                .init("max-notional", "USD", "the most one decision may be about"),
                .init("max-notional-per-day", "USD", "the most a day's decisions may be about"),
            ],
            secrets: [.init("pin", "their PIN or password")], printsData: true,
            notes: """
                A viewer sees, an approver decides besides, an operator stops and resumes besides, an admin changes people, keys,
                channels and limits besides; an auditor sees everything, the journal too, and decides nothing.

                A PIN has 4 to 12 digits; a password has at least 8 characters. Without one they can be asked, but neither log
                in nor decide on a page.

                  printf 482915 | countersign user add alice --role approver --email alice@example.com --pin-stdin
                """)
    ) { call in
        let invocation = call.invocation
        guard let role = try invocation.word("role", as: Role.self) else {
            throw UsageError("--role is missing.", command: "user add")
        }
        let user = NewUser(
            name: try invocation.required("NAME"), email: invocation.value("email"), role: role,
            maxNotional: try call.decimal("max-notional"),
            maxNotionalPerDay: try call.decimal("max-notional-per-day"))
        let pin = try call.secret("pin")
        let record = try await call.onDatabase { gate in
            try await Identity(context: gate).addUser(user, pin: pin, by: Call.actor)
        }
        Output.show(json(record), asJSON: call.wantsJSON) {
            "Added \(record.name), \(record.role.rawValue)"
                + (record.hasPIN
                    ? "." : ", without a PIN: countersign user pin \(record.name) --pin-stdin sets one.")
        }
        return .done
    }

    private static let list = Command(
        CommandShape("user list", "Lists people.", printsData: true)
    ) { call in
        let users = try await call.onDatabase { gate in try await Identity(context: gate).users() }
        Output.show(.array(users.map(json)), asJSON: call.wantsJSON) {
            Output.table(
                ["NAME", "ROLE", "EMAIL", "PIN", "STATE"],
                users.map { user in
                    let state =
                        user.disabledAt != nil
                        ? "disabled" : user.lockedUntil.map { "locked until \($0)" } ?? "active"
                    return [
                        user.name, user.role.rawValue, user.email ?? "-", user.hasPIN ? "set" : "none", state,
                    ]
                })
        }
        return .done
    }

    private static let disable = Command(
        CommandShape(
            "user disable", "Takes a person out of use.", operands: [name],
            notes: "Their sessions and personal tokens end at once. Their name stays taken.")
    ) { call in
        let name = try call.invocation.required("NAME")
        let changed = try await call.onDatabase { gate in
            try await Identity(context: gate).disableUser(named: name, by: Call.actor)
        }
        Output.say(changed ? "\(name) is disabled." : "\(name) was disabled already.")
        return .done
    }

    private static let pin = Command(
        CommandShape(
            "user pin", "Sets a person's PIN.", operands: [name],
            secrets: [.init("pin", "the new PIN or password")],
            notes: """
                A PIN has 4 to 12 digits; a password has at least 8 characters. Setting it also unlocks the person, and ends their
                sessions.
                """)
    ) { call in
        let name = try call.invocation.required("NAME")
        guard let pin = try call.secret("pin") else {
            throw UsageError(
                "Pipe the PIN in with --pin-stdin, or name a file: --pin-file FILE.", command: "user pin")
        }
        try await call.onDatabase { gate in
            try await Identity(context: gate).setPIN(ofUserNamed: name, to: pin, by: Call.actor)
        }
        Output.say("The PIN of \(name) is set.")
        return .done
    }

    private static let unlock = Command(
        CommandShape(
            "user unlock", "Forgets the wrong PINs that were typed for a person.", operands: [name],
            notes: "Their PIN and their sessions stay as they are.")
    ) { call in
        let name = try call.invocation.required("NAME")
        try await call.onDatabase { gate in
            try await Identity(context: gate).unlockUser(named: name, by: Call.actor)
        }
        Output.say("\(name) is unlocked.")
        return .done
    }

    private static let token = Command(
        CommandShape(
            "user token", "Makes a personal token for the API and the command line.", operands: [name],
            options: [.init("name", "NAME", "what the token is for, such as laptop", isRequired: true)],
            printsData: true,
            notes: """
                It may do what the person may. It is printed once, alone, or with --json as "key" beside what "key list" tells of
                it; give it as COUNTERSIGN_API_KEY.
                """)
    ) { call in
        let user = try call.invocation.required("NAME")
        let name = try call.invocation.required("name")
        let key = try await call.onDatabase { gate in
            try await Identity(context: gate).createToken(named: name, forUserNamed: user, by: Call.actor)
        }
        Output.show(KeyCommands.json(key), asJSON: call.wantsJSON) { key.secret.text }
        Output.say("A personal token of \(user), named \(name). It is not shown again.")
        return .done
    }

    private static func json(_ user: UserRecord) -> JSONValue {
        [
            "id": .string(user.id.text), "name": .string(user.name), "role": .string(user.role.rawValue),
            "email": .text(user.email), "has_pin": .bool(user.hasPIN),
            "max_notional": .text(user.maxNotional?.description),
            "max_notional_per_day": .text(user.maxNotionalPerDay?.description),
            "locked_until": .text(user.lockedUntil?.rfc3339), "created_at": .string(user.createdAt.rfc3339),
            "disabled_at": .text(user.disabledAt?.rfc3339),
        ]
    }
}

extension Call {
    /// An option as an exact decimal.
    func decimal(_ name: String) throws -> ExactDecimal? {
        guard let text = invocation.value(name) else { return nil }
        guard let value = ExactDecimal(text) else {
            throw UsageError(
                "--\(name) takes a number such as 2500.00, not \(text).", command: invocation.shape.name)
        }
        return value
    }
}
