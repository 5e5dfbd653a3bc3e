package import Postgres

/// How PostgreSQL carries out a transaction.
package enum TransactionSettings {
    /// Has this transaction's statements keep their plans, and look rows up instead of walking over tables.
    ///
    /// What they are asked with differs little, and planning them takes longer than running them. A plan that is kept
    /// must hold for the table as it grows: one made while a table is empty would walk over all of it for good. Stands
    /// first among statements that are sent together.
    package static var keptPlans: PostgresReading<Void> {
        PostgresReading(
            """
            SELECT set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true)
            """)
    }

    /// Has this transaction's next statements read in the order of an index where there is one that has it, until `withSorting`.
    package static var withoutSorting: PostgresReading<Void> {
        PostgresReading("SELECT set_config('enable_sort', 'off', true)")
    }

    /// The end of `withoutSorting`.
    package static var withSorting: PostgresReading<Void> {
        PostgresReading("SELECT set_config('enable_sort', 'on', true)")
    }

    /// Has the commit of this transaction not wait for the disk.
    ///
    /// Should the database's machine die within the next moments, what it wrote is gone, whole: only for what is done
    /// again where it was lost.
    package static var notAwaitingTheDisk: PostgresReading<Void> {
        PostgresReading("SELECT set_config('synchronous_commit', 'off', true)")
    }
}
