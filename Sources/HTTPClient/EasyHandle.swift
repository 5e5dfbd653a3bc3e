import CCurl

/// An option that libcurl did not take; nothing may be sent with half of the options set.
struct OptionRefused: Error {
    let option: CURLoption
}

/// Owns one libcurl easy handle.
struct EasyHandle: ~Copyable {
    let raw: UnsafeMutableRawPointer

    init() throws(OptionRefused) {
        _ = Library.ready
        guard let raw = curl_easy_init() else { throw OptionRefused(option: CURLOPT_LASTENTRY) }
        self.raw = raw
    }

    deinit { curl_easy_cleanup(raw) }

    func set(_ option: CURLoption, _ value: Int) throws(OptionRefused) {
        try check(curl_set_long(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ value: String) throws(OptionRefused) {
        try check(curl_set_string(raw, option, value), option)
    }

    func set(_ option: CURLoption, _ list: borrowing StringList) throws(OptionRefused) {
        try check(curl_set_list(raw, option, list.raw), option)
    }

    func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer) throws(OptionRefused) {
        try check(curl_set_pointer(raw, option, pointer), option)
    }

    func set(_ option: CURLoption, offset: Int) throws(OptionRefused) {
        try check(curl_set_offset(raw, option, curl_off_t(offset)), option)
    }

    /// Gives libcurl its own copy of the bytes to post.
    func setBody(_ bytes: [UInt8]) throws(OptionRefused) {
        try set(CURLOPT_POSTFIELDSIZE_LARGE, offset: bytes.count)
        let status = bytes.withUnsafeBytes { body in
            // An empty body needs an address as well, or libcurl would ask the read function for one.
            withUnsafeBytes(of: 0) { nothing in
                let start = body.baseAddress ?? nothing.baseAddress
                return curl_set_pointer(
                    raw, CURLOPT_COPYPOSTFIELDS, UnsafeMutableRawPointer(mutating: start))
            }
        }
        try check(status, CURLOPT_COPYPOSTFIELDS)
    }

    func check(_ status: CURLcode, _ option: CURLoption) throws(OptionRefused) {
        guard status == CURLE_OK else { throw OptionRefused(option: option) }
    }
}

/// Owns one of libcurl's lists of strings.
struct StringList: ~Copyable {
    private(set) var raw: UnsafeMutablePointer<curl_slist>?

    init(_ strings: [String]) throws(OptionRefused) {
        raw = nil
        for string in strings {
            guard let longer = curl_slist_append(raw, string) else {
                throw OptionRefused(option: CURLOPT_HTTPHEADER)
            }
            raw = longer
        }
    }

    deinit { curl_slist_free_all(raw) }
}

/// Makes sure that libcurl is set up before anything calls it.
enum Library {
    static let ready: Void = {
        precondition(curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK, "libcurl could not start")
    }()
}
