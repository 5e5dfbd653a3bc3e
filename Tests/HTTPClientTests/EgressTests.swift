import HTTPClient
import Support
import Testing

@Suite(.timeLimit(.minutes(10))) struct EgressTests {
    @Test(arguments: [
        ("0.0.0.0", "unspecified"), ("10.0.0.1", "private"), ("10.255.255.255", "private"),
        ("100.64.0.1", "carrier-grade NAT"), ("100.127.255.255", "carrier-grade NAT"),
        ("127.0.0.1", "loopback"),
        ("127.255.255.254", "loopback"), ("169.254.169.254", "link-local"), ("172.16.0.1", "private"),
        ("172.31.255.255", "private"), ("192.0.0.192", "reserved"), ("192.0.2.1", "for documentation"),
        ("192.88.99.1", "a 6to4 relay"), ("192.168.1.1", "private"), ("198.19.255.255", "for benchmarks"),
        ("198.51.100.7", "for documentation"), ("203.0.113.7", "for documentation"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"), ("255.255.255.255", "broadcast"),
        ("168.63.129.16", "a cloud's metadata server"),
        ("::", "unspecified"), ("::1", "loopback"), ("::ffff:127.0.0.1", "IPv4 written as IPv6"),
        ("::ffff:8.8.8.8", "IPv4 written as IPv6"), ("::127.0.0.1", "IPv4 written as IPv6"),
        ("64:ff9b::7f00:1", "translated to IPv4"), ("64:ff9b:1::1", "translated to IPv4"),
        ("100::1", "discarded"),
        ("2001::1", "a Teredo tunnel"), ("2001:2::1", "reserved"), ("2001:db8::1", "for documentation"),
        ("2002:7f00:1::", "a 6to4 tunnel"), ("3fff::1", "for documentation"), ("5f00::1", "segment routing"),
        ("fd00:ec2::254", "private"), ("fc00::1", "private"), ("fe80::1", "link-local"),
        ("fec0::1", "private"),
        ("ff02::1", "multicast"), ("4000::1", "not a public address"), ("1::1", "not a public address"),
    ])
    func `special addresses are refused and called by name`(text: String, reason: String) throws {
        let address = try #require(IPAddress(text))
        #expect(EgressPolicy.publicOnly.objection(to: address) == reason)
    }

    @Test(arguments: [
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0", "100.63.255.255", "100.128.0.0", "126.255.255.255",
        "128.0.0.0", "169.253.255.255", "172.15.255.255", "172.32.0.0", "192.167.255.255", "192.169.0.0",
        "198.17.255.255", "198.20.0.0", "223.255.255.255", "2606:4700:4700::1111", "2001:4860:4860::8888",
        "2003::1", "2400:cb00::1", "2a00:1450::1", "3ffe::1",
    ])
    func `public addresses next to them are not`(text: String) throws {
        let address = try #require(IPAddress(text))
        #expect(EgressPolicy.publicOnly.objection(to: address) == nil)
    }

    @Test func `named blocks are allowed and nothing beside them`() throws {
        let policy = try EgressPolicy(parsing: " 127.0.0.0/8, ::1/128,10.1.0.0/16 , 192.168.7.7")
        for text in ["127.0.0.1", "::1", "10.1.255.255", "192.168.7.7"] {
            #expect(policy.objection(to: try #require(IPAddress(text))) == nil)
        }
        for text in ["10.0.255.255", "10.2.0.0", "192.168.7.8", "::ffff:127.0.0.1", "::2", "169.254.169.254"]
        {
            #expect(policy.objection(to: try #require(IPAddress(text))) != nil)
        }
    }

    @Test func `everything can be allowed by name`() throws {
        let policy = try EgressPolicy(parsing: "0.0.0.0/0,::/0")
        for text in ["0.0.0.0", "127.0.0.1", "255.255.255.255", "::", "ff02::1"] {
            #expect(policy.objection(to: try #require(IPAddress(text))) == nil)
        }
    }

    @Test func `an empty setting allows nothing more`() throws {
        #expect(try EgressPolicy(parsing: "") == .publicOnly)
        #expect(try EgressPolicy(parsing: "  ") == .publicOnly)
    }

    @Test(arguments: [
        ("127.0.0.0/33", "0 to 32"), ("::/129", "0 to 128"), ("10.0.0.0/-1", "0 to 32"),
        ("10.0.0.0/08", "0 to 32"),
        ("10.0.0.0/", "0 to 32"), ("10.0.0.0/8/8", "is not an address block"),
        ("10.1.2.3/8", "the block is 10.0.0.0/8"),
        ("fd00::1/8", "the block is fd00::/8"), ("localhost", "is not an address block"),
        ("10.0.0", "is not an address block"), ("[::1]", "is not an address block"),
        ("127.0.0.0/8,", "is not an address block"), ("127.0.0.0/8 ::1", "0 to 32"),
    ])
    func `blocks that are none are explained`(text: String, words: String) {
        let error = #expect(throws: CIDR.Malformed.self) { try EgressPolicy(parsing: text) }
        #expect(error?.description.contains(words) == true, "\(String(describing: error))")
    }

    @Test func `blocks and addresses print as they are written`() throws {
        #expect(try CIDR("10.0.0.0/8").description == "10.0.0.0/8")
        #expect(try CIDR("FD00:0::/8").description == "fd00::/8")
        #expect(IPAddress("::ffff:1.2.3.4")?.description == "::ffff:1.2.3.4")
        #expect(IPAddress("1.2.3.4\u{0}") == nil)
        #expect(IPAddress("0x7f.1") == nil)
        #expect(IPAddress("127.1") == nil)
    }

    /// Every spelling of the machine itself, and the metadata servers, as a webhook's URL.
    @Test(arguments: [
        ("127.0.0.1", "127.0.0.1"), ("localhost", "127.0.0.1"), ("2130706433", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"), ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"), ("127.1", "127.0.0.1"), ("017700000001", "127.0.0.1"), ("0", "0.0.0.0"),
        ("[::1]", "::1"),
        ("[0:0:0:0:0:0:0:1]", "::1"), ("[::ffff:127.0.0.1]", "::ffff:127.0.0.1"),
        ("[::ffff:7f00:1]", "::ffff:127.0.0.1"), ("[::127.0.0.1]", "::127.0.0.1"),
        ("[64:ff9b::7f00:1]", "64:ff9b::7f00:1"), ("[2002:7f00:1::]", "2002:7f00:1::"),
        ("169.254.169.254", "169.254.169.254"), ("[fd00:ec2::254]", "fd00:ec2::254"),
        ("10.0.0.1", "10.0.0.1"),
        ("public@127.0.0.1", "127.0.0.1"),
    ])
    func `no spelling gets through`(host: String, address: String) async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let error = await failure(
            of: HTTPClientRequest(.post, "http://\(host):\(server.port)/"), makeClient(egress: .publicOnly))
        if host == "localhost" {
            #expect([.blocked(address: "127.0.0.1"), .blocked(address: "::1")].contains(error?.kind))
        } else {
            #expect(error?.kind == .blocked(address: address))
        }
        #expect(error?.sent == .no)
        #expect(server.seen.all.isEmpty)
    }

    /// What these mean is up to the resolver: the machine itself, or nothing.
    @Test(arguments: ["127.0.0.1.", "LOCALHOST.", "①②⑦.⓪.⓪.①", "localhost%00.example.com", "127.0.0.1%2f.x"])
    func `odd spellings do not get through either`(host: String) async throws {
        let server = try RawServer.answering("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
        let error = await failure(
            of: HTTPClientRequest(.post, "http://\(host):\(server.port)/"), makeClient(egress: .publicOnly))
        let harmless: [HTTPClientError.Kind] = [
            .blocked(address: "127.0.0.1"), .blocked(address: "::1"), .resolve, .invalidRequest,
        ]
        #expect(error.map { harmless.contains($0.kind) } == true)
        #expect(error?.sent == .no)
        #expect(server.seen.all.isEmpty)
    }

    @Test func `the error says which setting allows it`() async {
        let error = await failure(
            of: HTTPClientRequest(.get, "http://169.254.169.254/latest/meta-data"),
            makeClient(egress: .publicOnly))
        #expect(
            error?.message
                == "http://169.254.169.254 is at 169.254.169.254, which is link-local, so nothing was sent. "
                + "If it is meant, add 169.254.169.254 to COUNTERSIGN_ALLOW_PRIVATE_TARGETS.")
    }
}
