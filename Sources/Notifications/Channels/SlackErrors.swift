import Domain
import HTTPClient

/// What Slack's words for errors mean: those of webhooks and of its Web API alike.
///
/// The word counts before the status, because statuses differ between Slack and what speaks like it.
enum SlackErrors {
    /// The outcome of an answer that is no success.
    static func outcome(
        word: String, of response: HTTPClientResponse, reason: String, now: Timestamp
    ) -> SendOutcome {
        let wait = response.retryAfterSeconds(now: now)
        if response.status == 429 || isLimit(word) {
            return .retry(reason: reason, afterSeconds: wait ?? 30)
        }
        let told = reason.asSentence
        if let advice = gone[word] { return .broken(reason: "\(told) \(advice)") }
        if isRestriction(word) {
            return .broken(
                reason: "\(told) The workspace does not let apps post to this channel: choose another.")
        }
        if ours.contains(word) {
            return .refused(
                reason: "\(told) Slack does not take this message as it is; others may still arrive.")
        }
        if later.contains(word) { return .retry(reason: reason, afterSeconds: wait) }
        switch response.status {
        case 401, 403, 404, 410: return .broken(reason: reason)
        case 400...499 where response.status != 408: return .refused(reason: reason)
        default: return .retry(reason: reason, afterSeconds: wait)
        }
    }

    /// Nothing can be posted there any more, or not yet: what a person has to do about it.
    private static let gone: [String: String] = {
        var advice: [String: String] = [:]
        func add(_ words: [String], _ text: String) { for word in words { advice[word] = text } }
        add(
            ["no_service", "no_service_id", "no_active_hooks", "invalid_token", "action_prohibited"],
            "The webhook was removed or is not allowed any more: make a new one in Slack.")
        add(
            ["no_team", "team_disabled", "team_access_not_granted", "org_login_required"],
            "The workspace is gone or does not let this app in any more.")
        add(
            ["channel_not_found", "user_not_found"],
            "There is no such channel, or the app cannot see it: check the identity, and invite the app to it."
        )
        add(
            ["channel_is_archived", "is_archived"],
            "The channel was archived: choose another, or bring it back.")
        add(["not_in_channel"], "Invite the app to the channel: type /invite @ and its name there.")
        add(
            ["posting_to_general_channel_denied"],
            "The workspace does not let apps post to this channel: choose another.")
        add(
            ["invalid_auth", "not_authed", "token_revoked", "token_expired", "account_inactive"],
            "The bot's token does not hold any more: reinstall the app, and give the channel the new token.")
        add(
            [
                "missing_scope", "no_permission", "not_allowed_token_type", "access_denied",
                "ekm_access_denied",
            ],
            "The app lacks the right to write here: give it the scope chat:write and reinstall it.")
        return advice
    }()

    /// `restricted_action_read_only_channel` and the like: somebody decided that apps may not write there.
    private static func isRestriction(_ word: String) -> Bool { word.hasPrefix("restricted_action") }

    /// The payload is wrong: our fault, and the next message may be right.
    private static let ours: Set<String> = [
        "invalid_payload", "no_text", "too_many_attachments", "invalid_blocks", "invalid_blocks_format",
        "msg_blocks_too_long", "msg_too_long", "invalid_arguments", "invalid_json", "json_not_object",
        "invalid_post_type", "invalid_metadata_format", "metadata_too_large", "invalid_arg_name",
        "invalid_charset", "invalid_form_data", "unknown_method",
    ]
    /// Slack's own trouble.
    private static let later: Set<String> = [
        "rollup_error", "service_unavailable", "fatal_error", "internal_error", "request_timeout",
        "team_added_to_org", "duplicate_message_not_found", "duplicate_channel_not_found",
    ]
    /// Whether the word speaks of a trouble that passes by itself.
    static func isPassing(_ word: String) -> Bool {
        later.contains(word) || isLimit(word)
    }

    private static func isLimit(_ word: String) -> Bool {
        word.hasPrefix("rate") && word.hasSuffix("limited")
    }

    /// The message that stands cannot be changed, now or ever.
    static let uneditable: Set<String> = [
        "message_not_found", "cant_update_message", "edit_window_closed", "is_inactive",
        "block_mismatch", "update_failed",
    ]
    /// The thread that a reply was meant for is not there.
    static let threadless: Set<String> = [
        "thread_not_found", "message_not_found", "cannot_reply_to_message", "thread_locked",
        "invalid_thread_ts",
    ]
}
