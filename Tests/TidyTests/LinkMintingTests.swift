import Testing

/// Every link that leaves in a message comes from `MessageLinks`; a second place would be forgotten by the next fix.
struct LinkMintingTests {
    @Test func `nothing but MessageLinks mints the links of messages`() throws {
        let files = SourceTree.sources.filter { $0.target == "Notifications" }
        var minting: [String] = []
        for file in files where !file.path.hasSuffix("/MessageLinks.swift") {
            for pattern in ["/r/", "/proposals/", "publicURL)/", "ReviewLink(", "Base64URL.encode"]
            where file.text.contains(pattern) { minting.append("\(file.path): \(pattern)") }
        }
        #expect(minting.isEmpty)
        #expect(files.contains { $0.path.hasSuffix("/MessageLinks.swift") && $0.text.contains("/r/") })
    }

    @Test func `the templates of mails hold no address of their own`() throws {
        let mails = SourceTree.files(below: "templates/mail", suffixes: [".html"])
        #expect(!mails.isEmpty)
        for mail in mails {
            let addresses = mail.text.matches(of: /(?:href|src)="([^"]*)"/).map { String($0.1) }
            // A picture of the mail itself has no address either.
            let picture = "cid:{{PICTURE}}@picture.countersign.invalid"
            #expect(
                addresses.allSatisfy { $0 == "{{LINK}}" || $0 == picture }, "\(mail.path): \(addresses)")
            #expect(!mail.text.contains("://"), "\(mail.path)")
        }
    }
}
