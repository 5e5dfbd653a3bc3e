-- Each entry of the journal was looked up twice more by foreign keys, once as it was queued for its place in the chain and
-- once as it got it. Entries cannot be deleted (`keep` refuses it), and `audit verify` finds every entry that the queue or
-- the chain names and that is gone, which a key does not when somebody with the owner's rights has switched it off.
ALTER TABLE journal_unsealed DROP CONSTRAINT journal_unsealed_entry_id_fkey;
ALTER TABLE journal_chain DROP CONSTRAINT journal_chain_entry_id_fkey;
