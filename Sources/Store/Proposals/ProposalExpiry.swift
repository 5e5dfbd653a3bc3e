package import Postgres

/// Expires proposals by the thousand: states, journal entries and messages in one statement, so that none of them
/// travels to the server and back.
package enum ProposalExpiry {
    /// The words under which an expiry is written down.
    package struct Words: Sendable {
        let journalKind: String
        package let actor: String
        package let reason: String
        let messageKind: String
        let messagePriority: Int

        /// The words.
        package init(
            journalKind: String, actor: String, reason: String, messageKind: String, messagePriority: Int
        ) {
            self.journalKind = journalKind
            self.actor = actor
            self.reason = reason
            self.messageKind = messageKind
            self.messagePriority = messagePriority
        }
    }

    /// At which end of what is due a sweep begins.
    package enum End: String, Sendable {
        case oldest = "ASC"
        case newest = "DESC"
    }

    /// Expires what is due, from one end, and tells how many; their listeners are woken.
    ///
    /// Rows that somebody else is just deciding on are left to the next sweep. Two sweeps side by side begin at the two ends:
    /// from one end, each would walk over what the other has locked.
    package static func expireDue(
        from end: End, limit: Int, as words: Words, in session: PostgresSession
    ) throws(PostgresError) -> Int {
        var batch = PostgresBatch()
        batch.add(TransactionSettings.keptPlans)
        let answer = batch.add(
            PostgresReading(
                sql(from: end),
                [
                    limit.postgresValue, .text(words.journalKind), .text(words.actor), .text(words.reason),
                    .text(words.messageKind), words.messagePriority.postgresValue,
                ]
            ) { (rows) throws(PostgresError) in
                let row = try rows.only()
                return (expired: try row.int("expired"), isToBeSent: try row.bool("is_to_be_sent"))
            })
        let done = try answer(try session.run(batch))
        guard done.expired > 0 else { return 0 }
        try ProposalNotice.send(in: session)
        if done.isToBeSent { try session.notify(DeliveryQueue.notificationChannel) }
        return done.expired
    }

    /// The entry's data is canonical JSON, as `JournalStore` writes it.
    ///
    /// The statement's own time bounds the walk through the index; a clock that ticks while it walks would have every
    /// waiting row looked at. The rows are named by an array because a join with them would walk over the whole table,
    /// and by their places, which cannot change while they are locked. A row that changed just before it was locked is left
    /// to the next sweep.
    private static func sql(from end: End) -> String {
        """
        WITH ended AS (
            UPDATE proposal_states
            SET state = 'expired', decided_by = $3, decided_at = clock_timestamp(), reason = $4
            WHERE ctid = ANY (ARRAY(
                SELECT ctid
                FROM proposal_states
                WHERE state = 'pending' AND expires_at <= statement_timestamp()
                ORDER BY expires_at \(end.rawValue)
                LIMIT $1
                FOR UPDATE SKIP LOCKED))
            RETURNING proposal_id AS id
        ), entry AS (
            INSERT INTO journal (kind, actor, subject, data)
            SELECT $2, $3, 'proposal:' || id,
                format('{"order_hash":"%s","qty":"%s","side":"%s","symbol":%s}',
                    order_hash, trim_scale(qty), side, to_json(symbol))
            FROM ended
            CROSS JOIN LATERAL (
                SELECT symbol, side, qty, order_hash
                FROM proposal_terms
                WHERE id = ended.id
                LIMIT 1) AS terms
        ), request AS (
            SELECT $5::text AS kind, id AS proposal_id, NULL::uuid AS order_id, $6::smallint AS priority,
                NULL::timestamptz AS not_after, '{}'::jsonb AS data, 'proposal:' || id AS subject, 1 AS place
            FROM ended
        ), \(DeliveryQueue.toChannels())
        SELECT (SELECT count(*) FROM ended) AS expired,
            EXISTS (SELECT FROM message WHERE channel_id IS NOT NULL) AS is_to_be_sent
        """
    }
}
