/// One of something, or several: `1 proposal waits`, `3 proposals wait`; of words that only take an s the plural may be
/// left out.
///
/// Where there is none, the number stands, or what a sentence has in its place: `no trades executed`.
package func counted(_ count: Int, _ one: String, _ many: String? = nil, none: String = "0") -> String {
    count == 1 ? "1 \(one)" : "\(count == 0 ? none : "\(count)") \(many ?? "\(one)s")"
}
