package import Postgres

/// How PostgreSQL plans the statements of a transaction.
package enum StatementPlans {
    /// Has this transaction's statements keep their plans.
    ///
    /// What they are asked with differs little, and planning them takes longer than running them. Stands first among
    /// statements that are sent together.
    package static var kept: PostgresReading<Void> {
        PostgresReading("SELECT set_config('plan_cache_mode', 'force_generic_plan', true)")
    }
}
