import CSodium

/// Makes sure that libsodium has chosen its implementations before anything calls it.
///
/// Every entry point of the kit touches `Sodium.ready`; the language runs the initialiser once, on one thread.
enum Sodium {
    static let ready: Void = {
        precondition(sodium_init() >= 0, "libsodium could not start: no source of randomness")
    }()
}
