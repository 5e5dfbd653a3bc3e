/// Every command of the program, as help shows them.
enum CommandIndex {
    /// Commands under one heading.
    struct Group: Sendable {
        let title: String
        let commands: [Command]
        /// What each of them works on.
        var surroundings = ""
    }

    static let groups = [
        Group(title: "Processes that stay", commands: ServerCommands.all),
        Group(
            title: "Proposals and decisions (at the server)",
            commands: ProposalCommands.all + DecisionCommands.all, surroundings: atServer),
        Group(
            title: "Trading (at the server)", commands: TradingCommands.all + AlertCommands.all,
            surroundings: atServer),
        Group(
            title: "Looking back (at the server)", commands: ReportCommands.all + ReviewCommands.all,
            surroundings: atServer),
        Group(
            title: "Setting up (on the database)",
            commands: DatabaseCommands.all + UserCommands.all + KeyCommands.all + ChannelCommands.all,
            surroundings: onDatabase),
        Group(
            title: "The limits and the record (on the database)",
            commands: PolicyCommands.all + AuditCommands.all + BooksCommands.all, surroundings: onDatabase),
        Group(
            title: "Besides",
            commands: NotifyCommands.all + ConfigCommands.all + BooksCommands.besides + VersionCommand.all),
    ]

    private static let atServer = """
        It speaks to the server at COUNTERSIGN_SERVER_URL (http://127.0.0.1:8080) with the key or the personal token in
        COUNTERSIGN_API_KEY, or in the file that COUNTERSIGN_API_KEY_FILE names.
        """

    private static let onDatabase = """
        It works on the database that COUNTERSIGN_DATABASE_URL names; without it on the private one, below var/postgres.
        """
}
