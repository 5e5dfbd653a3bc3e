import HTTPServer

/// A request's target, cookies and form: never a NUL, never a dot segment, never more than the limits allow.
#if FUZZING
    @_cdecl("LLVMFuzzerTestOneInput")
#endif
package func fuzzForm(_ start: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
    let input = Input(start, count)
    let headers: HTTPHeaders = [
        "Content-Type": "application/x-www-form-urlencoded", "Cookie": input.text(1),
    ]
    guard let request = try? HTTPRequest(.post, input.text(0), headers: headers, body: input.bytes(2)) else {
        return 0
    }
    expect(request.segments.count <= 64, "\(request.segments.count) segments")
    for segment in request.segments {
        expect(segment != "." && segment != ".." && !segment.utf8.contains(0), "segment \(segment)")
    }
    look(request.query)
    if let form = try? request.form() { look(form) }
    for cookie in (try? request.cookies()) ?? [] {
        expect(!cookie.name.isEmpty && cookie.value.utf8.allSatisfy { $0 >= 0x20 }, "cookie \(cookie)")
        expect(request.cookie(cookie.name) != nil, "no cookie \(cookie.name)")
        if let kept = try? SetCookie(cookie.name, cookie.value) {
            expect(!kept.headerValue.utf8.contains { $0 < 0x20 }, kept.headerValue)
        }
    }
    return 0
}

private func look(_ items: QueryItems) {
    expect(items.items.count <= 200, "\(items.items.count) fields")
    for item in items.items {
        expect(!item.name.utf8.contains(0) && !item.value.utf8.contains(0), "a NUL in \(item)")
        expect(items.first(item.name) == items.all(item.name).first, "first of \(item.name)")
    }
}
