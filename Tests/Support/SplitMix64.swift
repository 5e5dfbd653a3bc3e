import Glibc

/// Randomness that can be replayed from its seed (Steele, Lea, Flood 2014).
///
/// Put `seed` into every failure message; `COUNTERSIGN_TEST_SEED` replays a run.
package struct SplitMix64: RandomNumberGenerator {
    package let seed: UInt64
    private var state: UInt64

    package init(seed: UInt64) {
        self.seed = seed
        state = seed
    }

    /// A new seed for each run, or the one in the environment; printed so that a failure can be replayed.
    package static func announced(_ test: String = #function) -> SplitMix64 {
        let given = getenv("COUNTERSIGN_TEST_SEED").flatMap { UInt64(String(cString: $0)) }
        let seed = given ?? .random(in: .min ... .max)
        print("\(test): COUNTERSIGN_TEST_SEED=\(seed)")
        return SplitMix64(seed: seed)
    }

    package mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
