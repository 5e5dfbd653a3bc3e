/// The known word that somebody may have meant.
enum Suggestion {
    /// ` Did you mean …?`, or nothing where no word is near.
    static func text(for word: String, among known: [String], prefix: String = "") -> String {
        nearest(to: word, among: known).map { " Did you mean \(prefix)\($0)?" } ?? ""
    }

    /// The nearest word that is one or two letters away; one that begins with the given word counts as near.
    static func nearest(to word: String, among known: [String]) -> String? {
        let scored = known.map { (word: $0, distance: distance(word, $0)) }
        guard let best = scored.min(by: { $0.distance < $1.distance }) else { return nil }
        if best.distance <= min(2, max(1, best.word.count / 3)) { return best.word }
        return word.count >= 3 ? known.first { $0.hasPrefix(word) } : nil
    }

    /// How many letters must be changed, added, taken away or swapped with their neighbour.
    static func distance(_ left: String, _ right: String) -> Int {
        let left = Array(left.unicodeScalars)
        let right = Array(right.unicodeScalars)
        guard left.count <= 64, right.count <= 64 else { return max(left.count, right.count) }
        var rows = [Array(0...right.count)]
        for (row, letter) in left.enumerated() {
            var next = [row + 1]
            for (column, other) in right.enumerated() {
                let replaced = rows[row][column] + (letter == other ? 0 : 1)
                var cheapest = min(replaced, rows[row][column + 1] + 1, next[column] + 1)
                if row > 0, column > 0, letter == right[column - 1], left[row - 1] == other {
                    cheapest = min(cheapest, rows[row - 1][column - 1] + 1)
                }
                next.append(cheapest)
            }
            rows.append(next)
        }
        return rows[left.count][right.count]
    }
}
