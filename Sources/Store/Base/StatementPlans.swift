package import Postgres

/// How PostgreSQL plans the statements of a transaction.
package enum StatementPlans {
    /// Has this transaction's statements keep their plans, and look rows up instead of walking over tables.
    ///
    /// What they are asked with differs little, and planning them takes longer than running them. A plan that is kept
    /// must hold for the table as it grows: one made while a table is empty would walk over all of it for good. Stands
    /// first among statements that are sent together.
    package static var kept: PostgresReading<Void> {
        PostgresReading(
            """
            SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
            """)
    }
}
