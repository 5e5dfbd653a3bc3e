/// Every command of the program, as help shows them.
enum CommandIndex {
    static let groups: [(title: String, commands: [Command])] = [
        ("Processes that stay", ServerCommands.all),
        ("Proposals and decisions (at the server)", ProposalCommands.all + DecisionCommands.all),
        ("Trading (at the server)", TradingCommands.all + AlertCommands.all),
        ("Looking back (at the server)", ReportCommands.all + ReviewCommands.all),
        (
            "Setting up (on the database)",
            DatabaseCommands.all + UserCommands.all + KeyCommands.all + ChannelCommands.all
        ),
        (
            "The limits and the record (on the database)",
            PolicyCommands.all + AuditCommands.all + BooksCommands.all
        ),
        ("Besides", NotifyCommands.all + ConfigCommands.all + BooksCommands.besides + VersionCommand.all),
    ]
}
