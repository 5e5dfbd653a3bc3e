import Cryptography
import Domain
import Gate
import HTTPServer
import Postgres
import Store

/// The holder of a personal link.
struct LinkHolder: Sendable {
    let link: ReviewLink
    let token: String
    let person: Person
}

/// Who looks at a page.
enum Visitor: Sendable {
    case person(SessionRecord)
    case holder(LinkHolder)
    case stranger

    /// What the visitor's forms are bound to.
    var binding: FormNonce.Binding? {
        switch self {
        case .person(let session): .session(session.tokenHash)
        case .holder(let holder): .link(holder.token)
        case .stranger: nil
        }
    }

    /// Somebody logged in.
    var session: SessionRecord? {
        guard case .person(let session) = self else { return nil }
        return session
    }
}

extension WebContext {
    var cookies: BrowserCookies { BrowserCookies(isSecure: address.isSecure) }

    /// Who is logged in at this browser.
    func session(of request: HTTPRequest) async throws -> SessionRecord? {
        guard let token = request.cookie(cookies.session) else { return nil }
        return try await identity.session(token: token, isUse: request.isDoneBySomebody)
    }

    /// The holder of a link that is genuine, still good and somebody's who is in use.
    func holder(token: String) async throws -> LinkHolder? {
        guard token.utf8.count <= 256, let bytes = Base64URL.decode(token) else { return nil }
        let key = gate.secrets.linkKey
        let opened = ReviewLink(token: bytes) { payload, code in
            HMACSHA256.isValid(code, of: payload, key: key)
        }
        guard let link = opened else { return nil }
        return try await gate.pool.withSnapshot { session in
            guard try DatabaseClock.now(in: session) < link.expiresAt,
                let user = try UserStore.find(link.userID, in: session), user.disabledAt == nil
            else { return nil }
            return LinkHolder(link: link, token: token, person: user.person)
        }
    }

    /// The holder of the link that this browser opened for this proposal or alert.
    func holder(
        of request: HTTPRequest, for subjectID: Identifier, _ purpose: ReviewLink.Purpose = .proposal
    ) async throws -> LinkHolder? {
        guard let token = request.cookie(cookies.link), let holder = try await holder(token: token),
            holder.link.purpose == purpose, holder.link.subjectID == subjectID
        else { return nil }
        return holder
    }

    /// A nonce for a form of the visitor's.
    func nonce(_ visitor: Visitor, _ purpose: String, _ page: String) -> String {
        guard let binding = visitor.binding else { return "" }
        return nonces.make(binding, purpose: purpose, page: page, at: dependencies.now())
    }

    /// As whom a form was given out, the session's person or the holder of the link: its nonce says so.
    func visitor(
        of nonce: String?, _ session: SessionRecord?, _ holder: LinkHolder?, _ purpose: String, _ page: String
    ) -> Visitor? {
        let candidates = [session.map(Visitor.person), holder.map(Visitor.holder)].compactMap(\.self)
        return candidates.first { isGood(nonce, $0, purpose, page) }
    }

    /// Whether a nonce was made for this visitor's form.
    func isGood(_ nonce: String?, _ visitor: Visitor, _ purpose: String, _ page: String) -> Bool {
        guard let nonce, let binding = visitor.binding else { return false }
        return nonces.isValid(nonce, binding, purpose: purpose, page: page, at: dependencies.now())
    }
}

/// An address on this server to go on to, or the inbox.
///
/// Anything else would let a link to our login page send people to another site.
func localAddress(_ text: String?) -> String {
    guard let text, text.hasPrefix("/"), !text.hasPrefix("//"), text.utf8.count <= 512,
        text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
        !text.hasPrefix("/login"), !text.hasPrefix("/logout")
    else { return "/" }
    return text
}
