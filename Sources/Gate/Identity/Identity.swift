package import Cryptography

/// How proofs of identity are limited.
package struct IdentitySettings: Sendable, Hashable {
    /// How many wrong PINs in a row lock a person.
    package var pinAttempts = 5
    /// For how long they are locked.
    package var lockSeconds = 15 * 60
    /// How many wrong tries from one address in `addressWindowSeconds` are answered; more are not looked at.
    package var addressAttempts = 30
    package var addressWindowSeconds = 15 * 60
    /// How many wrong tries at one person's PIN in `personWindowSeconds` are answered, from wherever they are not known.
    package var personAttempts = 20
    package var personWindowSeconds = 24 * 60 * 60
    /// How long a session lasts.
    package var sessionSeconds = 12 * 60 * 60
    /// How long a session may lie idle; nil for as long as it lasts.
    package var idleSeconds: Int? = 2 * 60 * 60

    /// The limits of the product.
    package init() {}
}

/// Who somebody is: people with PINs and sessions, bots and workers with keys.
///
/// `Proving`, `Sessions`, `People` and `Keys` stand beside this file.
package struct Identity: Sendable {
    let context: GateContext
    let settings: IdentitySettings
    let hasher: PINHasher
    let lookups: KeyLookups

    /// The use cases of identity; one hasher serves all of a process.
    package init(context: GateContext, hasher: PINHasher, settings: IdentitySettings = IdentitySettings()) {
        self.context = context
        self.hasher = hasher
        self.settings = settings
        lookups = KeyLookups(context.pool)
    }

    /// The same with a hasher of its own.
    package init(context: GateContext, settings: IdentitySettings = IdentitySettings())
        throws(CryptographyError)
    {
        self.init(context: context, hasher: try PINHasher(), settings: settings)
    }
}

/// A token or key at the one moment when it can be shown.
package struct IssuedSecret: Sendable {
    /// The secret itself.
    package let text: String

    init(_ text: String) { self.text = text }
}

extension IssuedSecret: CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
    package var description: String { "[redacted]" }
    package var debugDescription: String { "[redacted]" }
    package var customMirror: Mirror { Mirror(self, children: EmptyCollection<Mirror.Child>()) }
}
