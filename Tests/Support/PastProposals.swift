/// SQL that changes proposals as if they had been so from the beginning: no guard looks on, which only a test's own database allows.
package func unguarded(_ sql: String) -> String {
    """
    ALTER TABLE proposal_terms DISABLE TRIGGER guard, DISABLE TRIGGER guard_fixed;
    ALTER TABLE proposal_states DISABLE TRIGGER guard;
    \(sql);
    ALTER TABLE proposal_terms ENABLE TRIGGER guard, ENABLE TRIGGER guard_fixed;
    ALTER TABLE proposal_states ENABLE TRIGGER guard;
    """
}
