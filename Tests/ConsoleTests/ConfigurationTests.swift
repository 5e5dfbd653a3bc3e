import Console
import Cryptography
import Domain
import Testing

struct ConfigurationTests {
    private struct Unreadable: Error {}

    private let key = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"

    private func raw(
        _ environment: [String: String], file: String? = nil, files: [String: String] = [:]
    ) -> RawSettings {
        RawSettings(environment: environment, file: file) { path throws in
            guard let text = files[path] else { throw Unreadable() }
            return text
        }
    }

    private func server(
        _ environment: [String: String], file: String? = nil, files: [String: String] = [:]
    ) -> (settings: ServerSettings, problems: [String], notes: [String]) {
        var reader = SettingsReader(raw(environment, file: file, files: files))
        let settings = ServerSettings(&reader)
        return (settings, reader.problems, reader.notes)
    }

    @Test func `nothing at all is a paper server of its own on this machine`() {
        let (settings, problems, notes) = server([:])
        #expect(problems.isEmpty && notes.isEmpty)
        #expect(settings.database.mode == .paper)
        #expect(settings.database.database == .embedded(directory: "var/postgres"))
        #expect(settings.listen.description == "127.0.0.1:8080")
        #expect(settings.publicURL == "http://127.0.0.1:8080")
        guard case .kept("var/secret.key") = settings.database.masterKey else {
            Issue.record("the key is to be kept in var/secret.key")
            return
        }
    }

    @Test func `every problem is named at once`() {
        let (_, problems, _) = server([
            "COUNTERSIGN_MODE": "demo", "COUNTERSIGN_LISTEN": "8080", "COUNTERSIGN_PUBLIC_URL": "desk",
            "COUNTERSIGN_SECRET_KEY": "short", "COUNTERSIGN_WORKER_URL": "ftp://x",
            "COUNTERSIGN_WORKER_SECRET": "x",
            "COUNTERSIGN_ALLOW_PRIVATE_TARGETS": "10.0.0.0/99", "COUNTERSIGN_PUBLIC_ULR": "x",
        ])
        for name in [
            "COUNTERSIGN_MODE must", "COUNTERSIGN_LISTEN must", "COUNTERSIGN_PUBLIC_URL must",
            "COUNTERSIGN_SECRET_KEY must", "COUNTERSIGN_WORKER_URL must", "COUNTERSIGN_WORKER_SECRET",
            "COUNTERSIGN_ALLOW_PRIVATE_TARGETS", "Did you mean COUNTERSIGN_PUBLIC_URL?",
        ] {
            #expect(problems.contains { $0.contains(name) }, "\(name) in \(problems)")
        }
        #expect(problems.count == 8)
        #expect(!problems.joined().contains("short"))
        #expect(ConfigurationError(problems).description.contains("wrong in 8 ways"))
    }

    @Test func `proxies are believed where they are named, and never everybody`() {
        let (settings, problems, _) = server([
            "COUNTERSIGN_TRUSTED_PROXIES": "10.0.0.5, 192.168.0.0/24, ::1"
        ])
        #expect(problems.isEmpty)
        #expect(settings.trustedProxies.count == 3)
        #expect(server([:]).settings.trustedProxies.isEmpty)
        for wrong in ["0.0.0.0/0", "10.0.0.0/8, ::/0", "proxy.example.com", "10.0.0.0/33", "everybody"] {
            let (settings, problems, _) = server(["COUNTERSIGN_TRUSTED_PROXIES": wrong])
            #expect(settings.trustedProxies.isEmpty, "\(wrong)")
            #expect(
                problems.count == 1 && problems[0].contains("COUNTERSIGN_TRUSTED_PROXIES"), "\(wrong)")
        }
    }

    @Test func `a login lasts half a day and lies unused for two hours, within bounds`() {
        let standard = server([:]).settings
        #expect(standard.sessionSeconds == 43_200 && standard.sessionIdleSeconds == 7200)
        let chosen = server([
            "COUNTERSIGN_SESSION_HOURS": "24", "COUNTERSIGN_SESSION_IDLE_MINUTES": "5",
        ])
        #expect(chosen.problems.isEmpty)
        #expect(chosen.settings.sessionSeconds == 86_400 && chosen.settings.sessionIdleSeconds == 300)
        for (name, wrong) in [
            ("SESSION_HOURS", "0"), ("SESSION_HOURS", "25"), ("SESSION_HOURS", "1.5"),
            ("SESSION_HOURS", "99999999999999999999"), ("SESSION_IDLE_MINUTES", "4"),
            ("SESSION_IDLE_MINUTES", "1441"), ("SESSION_IDLE_MINUTES", "never"),
        ] {
            let problems = server(["COUNTERSIGN_\(name)": wrong]).problems
            #expect(problems.count == 1 && problems[0].contains("COUNTERSIGN_\(name)"), "\(name) \(wrong)")
        }
    }

    @Test func `variables of tests and of other programs are left alone`() {
        #expect(
            raw(["COUNTERSIGN_TEST_DATABASE_URL": "x", "HOME": "/", "DATABASE_URL": "y", "PORT": "1"])
                .problems.isEmpty)
        #expect(raw(["COUNTERSIGN_TESTS": "x"]).problems.count == 1)
    }

    @Test func `the environment wins over the file, and the file is read as lines`() {
        let file = """
            # desk
            COUNTERSIGN_LISTEN = 127.0.0.1:9000

            COUNTERSIGN_MODE="live"
            COUNTERSIGN_PUBLIC_URL='https://desk.example.com/'
            """
        let (settings, problems, _) = server(
            ["COUNTERSIGN_LISTEN": "[::1]:9001"], file: "desk.env", files: ["desk.env": file])
        #expect(problems.isEmpty)
        #expect(settings.listen == ListenAddress(host: "::1", port: 9001))
        #expect(settings.database.mode == .live)
        #expect(settings.publicURL == "https://desk.example.com")
    }

    @Test func `a bad file is told line by line`() {
        let file = "COUNTERSIGN_MODE paper\nCOUNTERSIGN_LISTEN=a:1\nCOUNTERSIGN_LISTEN=b:2\nSMTP_HOST=x\n"
        let problems = raw([:], file: "f", files: ["f": file]).problems
        #expect(problems.contains { $0.contains("f, line 1") })
        #expect(problems.contains { $0.contains("f, line 3: COUNTERSIGN_LISTEN is given twice") })
        #expect(problems.contains { $0.contains("no setting SMTP_HOST") })
        #expect(raw([:], file: "gone").problems.contains { $0.contains("gone cannot be read") })
    }

    @Test func `a secret may come from a file, from nowhere else twice`() throws {
        let files = ["/k": key + "\n", "/empty": "\n"]
        let (settings, problems, _) = server(["COUNTERSIGN_SECRET_KEY_FILE": "/k"], files: files)
        #expect(problems.isEmpty)
        guard case .given(let bytes) = settings.database.masterKey else {
            Issue.record("the key was not read")
            return
        }
        #expect(bytes.count == 32)
        #expect(raw(["COUNTERSIGN_SECRET_KEY_FILE": "/k"], files: files).secrets == [key])
        for (environment, words) in [
            (["COUNTERSIGN_SECRET_KEY_FILE": "/k", "COUNTERSIGN_SECRET_KEY": key], "both given"),
            (["COUNTERSIGN_SECRET_KEY_FILE": "/gone"], "cannot be read"),
            (["COUNTERSIGN_SECRET_KEY_FILE": "/empty"], "is empty"),
            (["COUNTERSIGN_LISTEN_FILE": "/k"], "no setting"),
        ] {
            #expect(raw(environment, files: files).problems.contains { $0.contains(words) }, "\(words)")
        }
    }

    @Test func `a database of one's own needs a key of one's own`() {
        let url = "postgresql://app:hunter22@db.example.com/countersign"
        let (_, problems, _) = server(["COUNTERSIGN_DATABASE_URL": url])
        #expect(problems.count == 1 && problems.joined().contains("COUNTERSIGN_SECRET_KEY is missing"))
        #expect(server(["COUNTERSIGN_DATABASE_URL": url, "COUNTERSIGN_SECRET_KEY": key]).problems.isEmpty)
        let bad = server([
            "COUNTERSIGN_DATABASE_URL": "postgresql://app:hunter22@db:port/x%zz",
            "COUNTERSIGN_SECRET_KEY": key,
        ])
        #expect(bad.problems.count == 1 && !bad.problems.joined().contains("hunter22"))
    }

    @Test func `keys are 32 bytes in hexadecimal or Base64, and not all the same`() {
        let base64 = "ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8="
        #expect(server(["COUNTERSIGN_SECRET_KEY": base64]).problems.isEmpty)
        for bad in [String(repeating: "0", count: 64), String(key.dropLast(2)), key + "00", "key"] {
            #expect(server(["COUNTERSIGN_SECRET_KEY": bad]).problems.count == 1, "\(bad)")
        }
    }

    @Test func `links must lead somewhere, and what people type must not travel in the open`() {
        #expect(server(["COUNTERSIGN_LISTEN": "0.0.0.0:80"]).problems.count == 1)
        let (_, problems, notes) = server([
            "COUNTERSIGN_LISTEN": "0.0.0.0:80", "COUNTERSIGN_PUBLIC_URL": "http://desk.example.com",
        ])
        #expect(problems.isEmpty && notes.count == 1)
        #expect(server(["COUNTERSIGN_PUBLIC_URL": "https://desk.example.com/path"]).problems.count == 1)
        #expect(server(["COUNTERSIGN_PUBLIC_URL": "https://user:pw@desk.example.com"]).problems.count == 1)
    }

    @Test func `a webhook for the worker is signed or it is a mistake`() {
        #expect(server(["COUNTERSIGN_WORKER_URL": "http://127.0.0.1:8090/"]).problems.count == 1)
        let secret = "whsec_ABEiM0RVZneImaq7zN3u/wARIjNEVWZ3iJmqu8zd7v8="
        let given = ["COUNTERSIGN_WORKER_URL": "http://127.0.0.1:8090/", "COUNTERSIGN_WORKER_SECRET": secret]
        #expect(server(given).problems.isEmpty)
    }

    @Test func `a worker needs its keys, and paper does not trade live`() {
        var reader = SettingsReader(raw(["LIVE_TRADING_ENABLED": "true"]))
        _ = WorkerSettings(&reader)
        #expect(reader.problems.count == 4)
        reader = SettingsReader(
            raw([
                "COUNTERSIGN_API_KEY": "csk_x", "ALPACA_API_KEY": "a", "ALPACA_SECRET_KEY": "b",
                "COUNTERSIGN_MODE": "live", "LIVE_TRADING_ENABLED": "maybe",
            ]))
        _ = WorkerSettings(&reader)
        #expect(reader.problems == ["LIVE_TRADING_ENABLED must be true or false, not maybe."])
    }

    @Test(arguments: ["8080", "a:b", "a:70000", ":80", "::1:80", "a b:80", "http://x:80"])
    func `an address to listen on is host and port`(_ text: String) {
        #expect(ListenAddress(text) == nil)
    }
}
