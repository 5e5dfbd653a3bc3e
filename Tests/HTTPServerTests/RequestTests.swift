import HTTPServer
import Testing

@Test func `splits the path before decoding it`() throws {
    let request = try HTTPRequest(.get, "/a%2Fb/c%20d/+?x=1+2&y=%26&x=3&flag&=v")
    #expect(request.segments == ["a/b", "c d", "+"])
    #expect(request.path == "/a%2Fb/c%20d/+")
    #expect(request.query.first("x") == "1 2")
    #expect(request.query.all("x") == ["1 2", "3"])
    #expect(request.query["y"] == "&")
    #expect(request.query.first("flag") == "")
    #expect(request.query.first("") == "v")
    #expect(request.query.first("z") == nil)
}

@Test(arguments: [
    ("/%", RequestTargetError.path(.brokenEscape)), ("/%g0", .path(.brokenEscape)),
    ("/%0", .path(.brokenEscape)),
    ("/%00", .path(.nulCharacter)), ("/%c3%28", .path(.invalidUTF8)), ("/%ED%A0%80", .path(.invalidUTF8)),
    ("/a/%2e%2e", .dotSegment), ("", .malformed), ("a", .malformed),
    ("/?a=%4", .query(.encoding(.brokenEscape))), ("/?%00", .query(.encoding(.nulCharacter))),
])
func `says what is wrong with a target`(target: String, error: RequestTargetError) {
    #expect(throws: error) { try HTTPRequest(.get, target) }
}

@Test func `reads absolute targets as their path`() throws {
    #expect(try HTTPRequest(.get, "http://example.org").segments == [])
    #expect(try HTTPRequest(.get, "https://example.org:8/a/b?c=d").segments == ["a", "b"])
}

private func form(_ body: String, type: String = "application/x-www-form-urlencoded") throws -> HTTPRequest {
    try HTTPRequest(.post, "/", headers: ["Content-Type": type], body: Array(body.utf8))
}

@Test func `reads a form as browsers send it`() throws {
    let fields = try form(
        "name=J%C3%BCrgen+M&note=a%0D%0Ab&name=2", type: "Application/X-WWW-Form-URLencoded; charset=utf-8"
    )
    .form()
    #expect(fields.all("name") == ["Jürgen M", "2"])
    #expect(fields.first("note") == "a\r\nb")
    #expect(try form("").form().isEmpty)
}

@Test func `refuses forms that are too big or broken`() throws {
    let limits = QueryItems.Limits(fields: 2, fieldBytes: 5)
    #expect(try form("a=1&b=222").form(limits: limits).items.count == 2)
    #expect(throws: FormError.tooManyFields(limit: 2)) { try form("a&b&c").form(limits: limits) }
    #expect(throws: FormError.fieldTooLong(limitBytes: 5)) { try form("a=1234").form(limits: limits) }
    #expect(throws: FormError.encoding(.brokenEscape)) { try form("a=%x").form() }
    #expect(throws: FormError.encoding(.invalidUTF8)) { try form("a=%ff").form() }
    #expect(throws: FormError.encoding(.nulCharacter)) { try form("a=%00").form() }
    #expect(throws: FormError.wrongContentType) { try form("{}", type: "application/json").form() }
    var raw = try form("")
    raw.body = [0x61, 0x3D, 0xFF]
    #expect(throws: FormError.encoding(.invalidUTF8)) { try raw.form() }
}

private func cookies(_ values: String...) throws -> HTTPRequest {
    try HTTPRequest(.get, "/", headers: HTTPHeaders(values.map { .init(name: "cookie", value: $0) }))
}

@Test func `reads cookies, the first of a name`() throws {
    let request = try cookies("a=1; b=\"two\";  c=x=y ;a=2", "d=")
    #expect(request.cookie("a") == "1")
    #expect(request.cookie("b") == "two")
    #expect(request.cookie("c") == "x=y")
    #expect(request.cookie("d") == "")
    #expect(request.cookie("A") == nil)
    #expect(try request.cookies().count == 5)
}

@Test func `refuses cookies that are too many or broken`() throws {
    let many = (0..<65).map { "c\($0)=1" }.joined(separator: "; ")
    #expect(throws: CookieError.tooMany(limit: 64)) { try cookies(many).cookies() }
    #expect(throws: CookieError.tooLong(limitBytes: 8192)) {
        try cookies("a=" + String(repeating: "x", count: 8192)).cookies()
    }
    #expect(throws: CookieError.malformedPair) { try cookies("alone").cookies() }
    #expect(throws: CookieError.invalidName) { try cookies("a b=1").cookies() }
    #expect(throws: CookieError.invalidValue) { try cookies("a=\u{1}").cookies() }
    #expect(try cookies(many).cookie("c1") == nil)
}

@Test func `writes cookies that browsers keep`() throws {
    #expect(
        try SetCookie("__Host-session", "abc", maxAgeSeconds: 60, sameSite: .strict).headerValue
            == "__Host-session=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict")
    #expect(
        try SetCookie(
            "s", "", path: "/x", domain: "example.org", maxAgeSeconds: 0, isSecure: false, isHTTPOnly: false
        )
        .headerValue == "s=; Path=/x; Domain=example.org; Max-Age=0; SameSite=Lax")
}

@Test func `writes no cookie that could be two`() {
    for name in ["", "a b", "a=b", "a;b", "a\n"] {
        #expect(throws: CookieError.invalidName) { try SetCookie(name, "x") }
    }
    for value in ["a;b", "a b", "a\r\nb", "\"", "ü", String(repeating: "x", count: 4097)] {
        #expect(throws: CookieError.invalidValue) { try SetCookie("a", value) }
    }
    for path in ["", "x", "/;Domain=evil", "/\n"] {
        #expect(throws: CookieError.invalidAttribute) { try SetCookie("a", "x", path: path) }
    }
    #expect(throws: CookieError.invalidAttribute) { try SetCookie("a", "x", domain: "") }
    #expect(throws: CookieError.invalidAttribute) {
        try SetCookie("a", "x", isSecure: false, sameSite: .none)
    }
    #expect(throws: CookieError.prefixBroken) { try SetCookie("__Host-a", "x", path: "/x") }
    #expect(throws: CookieError.prefixBroken) { try SetCookie("__Secure-a", "x", isSecure: false) }
}

@Test func `finds headers in any case, and replaces them`() {
    var headers: HTTPHeaders = ["Content-Type": "a", "X-Many": "1", "x-many": "2"]
    #expect(headers.first("content-TYPE") == "a")
    #expect(headers.all("X-MANY") == ["1", "2"])
    headers.set("x-Many", "3")
    #expect(headers.all("X-Many") == ["3"])
    headers.remove("CONTENT-type")
    #expect(headers.first("Content-Type") == nil)
    // Bytes that differ only in the letter-case bit are not letters everywhere.
    #expect(HTTPHeaders([.init(name: "a@", value: "x")]).first("a`") == nil)
}
